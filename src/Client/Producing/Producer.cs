using System.Buffers;
using Barnabas.Records;

namespace Barnabas.Client;

/// <summary>Sends records. Safe to use from several threads at once; one producer serves all topics.</summary>
/// <typeparam name="TKey">The keys.</typeparam>
/// <typeparam name="TValue">The values.</typeparam>
public sealed class Producer<TKey, TValue> : IAsyncDisposable
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _scratch;

    private readonly RawProducer _raw;
    private readonly ISerializer<TKey> _keys;
    private readonly ISerializer<TValue> _values;

    internal Producer(RawProducer raw, ISerializer<TKey> keys, ISerializer<TValue> values) =>
        (_raw, _keys, _values) = (raw, keys, values);

    /// <summary>Sends a record, and completes when it is delivered.</summary>
    /// <exception cref="KafkaException">It could not be delivered.</exception>
    public ValueTask<RecordMetadata> SendAsync(
        string topic, TKey? key, TValue? value, CancellationToken stop = default) =>
        SendAsync(new ProducerRecord<TKey, TValue>(topic, key, value), stop);

    /// <summary>Sends a record, and completes when it is delivered.</summary>
    /// <exception cref="KafkaException">It could not be delivered.</exception>
    public async ValueTask<RecordMetadata> SendAsync(
        ProducerRecord<TKey, TValue> record, CancellationToken stop = default)
    {
        var ask = new FateRequest(WantsTask: true, Callback: null);
        if (!TryAppend(record, ask, out var place, out var size))
            place = await AppendAsync(record, ask, size, stop);
        var report = (await place.Known!.WaitAsync(stop)).Report(place.Partition, place.Index);
        return report.Failure is { } failure ? throw failure : report.Record;
    }

    /// <summary>Takes a record to be sent, and completes when it is taken: only a full buffer makes that
    /// wait.</summary>
    /// <param name="record">The record.</param>
    /// <param name="onDone">Called once the record's fate is known, on a thread of the client: it must not block.
    /// Without it, the next <see cref="FlushAsync"/> throws what went wrong.</param>
    /// <param name="stop">Ends the wait; the record is not taken then.</param>
    /// <exception cref="KafkaException">The record can never be delivered, or there was no room in time.</exception>
    public ValueTask EnqueueAsync(
        ProducerRecord<TKey, TValue> record, Action<DeliveryReport>? onDone = null, CancellationToken stop = default)
    {
        var ask = new FateRequest(WantsTask: false, onDone);
        return TryAppend(record, ask, out _, out var size)
            ? ValueTask.CompletedTask
            : new ValueTask(AppendAsync(record, ask, size, stop));
    }

    /// <summary>Sends everything taken so far at once, and completes when its fate is known.</summary>
    /// <exception cref="KafkaException">A record enqueued without <c>onDone</c> could not be delivered.</exception>
    public Task FlushAsync(CancellationToken stop = default) => _raw.FlushAsync(stop);

    /// <summary>Flushes, and closes the producer's connections.</summary>
    public ValueTask DisposeAsync() => _raw.DisposeAsync();

    private async Task<RecordPlace> AppendAsync(
        ProducerRecord<TKey, TValue> record, FateRequest ask, int size, CancellationToken stop)
    {
        while (true)
        {
            await _raw.ReadyAsync(record.Topic, size, stop);
            if (TryAppend(record, ask, out var place, out size))
                return place;
        }
    }

    private bool TryAppend(
        ProducerRecord<TKey, TValue> record, in FateRequest ask, out RecordPlace place, out int size)
    {
        var scratch = _scratch ??= new ArrayBufferWriter<byte>(1024);
        scratch.ResetWrittenCount();
        if (record.Key is not null)
            _keys.Serialize(record.Key, scratch, new(record.Topic, IsKey: true));
        var keySize = scratch.WrittenCount;
        if (record.Value is not null)
            _values.Serialize(record.Value, scratch, new(record.Topic, IsKey: false));
        var bytes = scratch.WrittenSpan;
        var key = record.Key is null ? NullableBytes.Null : bytes[..keySize];
        var value = record.Value is null ? NullableBytes.Null : bytes[keySize..];
        var headers = record.Headers.AsSpan();
        size = (int)Math.Min(BatchBuilder.LargestSizeOf(key, value, headers), int.MaxValue);
        var target = new RecordTarget(
            record.Topic, record.Partition, record.Timestamp?.ToUnixTimeMilliseconds() ?? _raw.Now());
        return _raw.TrySend(target, key, value, headers, ask, out place);
    }
}
