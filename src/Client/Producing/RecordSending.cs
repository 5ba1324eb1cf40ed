using System.Buffers;
using Barnabas.Records;

namespace Barnabas.Client;

/// <summary>Serializes records and hands them over, with their fate awaited or not. Safe to use from several threads at
/// once.</summary>
/// <typeparam name="TKey">The keys.</typeparam>
/// <typeparam name="TValue">The values.</typeparam>
internal sealed class RecordSending<TKey, TValue>(ISerializer<TKey> keys, ISerializer<TValue> values)
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _scratch;

    private readonly WaitingLines _lines = new();

    /// <summary>Sends a record, and completes when it is delivered.</summary>
    /// <exception cref="KafkaException">It could not be delivered.</exception>
    public async ValueTask<RecordMetadata> SendAsync(
        IRecordTaker taker, ProducerRecord<TKey, TValue> record, CancellationToken stop)
    {
        var ask = new FateRequest(WantsTask: true, Callback: null);
        if (!_lines.IsFree(record.Topic) || !TryAppend(taker, record, ask, out var place, out _))
            place = await AppendAsync(taker, record, ask, stop);
        var report = (await place.Known!.WaitAsync(stop)).Report(place.Partition, place.Index);
        return report.Failure is { } failure ? throw failure : report.Record;
    }

    /// <summary>Hands a record over, and completes when it is taken.</summary>
    /// <exception cref="KafkaException">The record can never be delivered, or there was no room in time.</exception>
    public ValueTask EnqueueAsync(
        IRecordTaker taker, ProducerRecord<TKey, TValue> record, Action<DeliveryReport>? onDone,
        CancellationToken stop)
    {
        var ask = new FateRequest(WantsTask: false, onDone);
        return _lines.IsFree(record.Topic) && TryAppend(taker, record, ask, out _, out _)
            ? ValueTask.CompletedTask
            : new ValueTask(AppendAsync(taker, record, ask, stop));
    }

    /// <summary>Waits for room, or for the topic's metadata; behind those who wait for the same.</summary>
    private async Task<RecordPlace> AppendAsync(
        IRecordTaker taker, ProducerRecord<TKey, TValue> record, FateRequest ask, CancellationToken stop)
    {
        var place = _lines.Join(record.Topic);
        try
        {
            await place.Value.Task.WaitAsync(stop);
            while (true)
            {
                if (TryAppend(taker, record, ask, out var taken, out var size))
                    return taken;
                await taker.ReadyAsync(record.Topic, size, stop);
            }
        }
        finally
        {
            _lines.Leave(record.Topic, place);
        }
    }

    private bool TryAppend(
        IRecordTaker taker, ProducerRecord<TKey, TValue> record, in FateRequest ask, out RecordPlace place,
        out int size)
    {
        var scratch = _scratch ??= new ArrayBufferWriter<byte>(1024);
        scratch.ResetWrittenCount();
        if (record.Key is not null)
            keys.Serialize(record.Key, scratch, new(record.Topic, IsKey: true));
        var keySize = scratch.WrittenCount;
        if (record.Value is not null)
            values.Serialize(record.Value, scratch, new(record.Topic, IsKey: false));
        var bytes = scratch.WrittenSpan;
        var key = record.Key is null ? NullableBytes.Null : bytes[..keySize];
        var value = record.Value is null ? NullableBytes.Null : bytes[keySize..];
        var headers = record.Headers.AsSpan();
        size = (int)Math.Min(BatchBuilder.LargestSizeOf(key, value, headers), int.MaxValue);
        var target = new RecordTarget(
            record.Topic, record.Partition, record.Timestamp?.ToUnixTimeMilliseconds() ?? taker.Now());
        return taker.TrySend(target, key, value, headers, ask, out place);
    }
}
