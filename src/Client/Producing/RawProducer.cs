using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Client;

/// <summary>A producer of bytes: nothing is allocated for a record. Safe to use from several threads at once.</summary>
public sealed class RawProducer : IRecordSink, IRecordTaker, IAsyncDisposable
{
    private readonly ClientCore _core;
    private readonly ProducerOptions _options;
    private readonly Sender _sender;
    private bool _disposed;

    internal RawProducer(ClientCore core, ProducerOptions options)
    {
        _core = core;
        _options = options.Checked();
        if (!Codecs.IsAvailable(options.Compression))
        {
            throw new KafkaException(
                ErrorCode.UnsupportedCompressionType, "zstd needs the system's libzstd.so.1 (package libzstd1)");
        }

        _sender = new Sender(core, _options);
    }

    /// <summary>The bytes of records that are not delivered yet.</summary>
    public long Buffered => _sender.Accumulator.Buffered;

    /// <summary>Takes a record, unless that would have to wait: for the topic's metadata, or for buffer space. Then
    /// <see cref="ReadyAsync"/> is to be awaited, and the record offered again.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition; null to have the partitioner choose.</param>
    /// <param name="timestampMs">The timestamp in ms since 1970; null for now.</param>
    /// <param name="key">The key, or null.</param>
    /// <param name="value">The value, or null for a tombstone.</param>
    /// <param name="headers">The headers.</param>
    /// <param name="onDone">Called once the record's fate is known, on a thread of the client: it must not block.
    /// Without it, the next <see cref="FlushAsync"/> throws what went wrong.</param>
    /// <exception cref="KafkaException">The record can never be delivered, or the producer is done for.</exception>
    public bool TryEnqueue(
        string topic, int? partition, long? timestampMs, NullableBytes key, NullableBytes value,
        ReadOnlySpan<RecordHeader> headers = default, Action<DeliveryReport>? onDone = null)
    {
        Check();
        var target = new RecordTarget(topic, partition, timestampMs ?? Now());
        return _sender.Accumulator.TryAppend(target, key, value, headers, new(false, onDone), out _) == Admission.Taken;
    }

    /// <summary>Completes when <see cref="TryEnqueue"/> is worth trying again.</summary>
    /// <param name="topic">The topic of the record.</param>
    /// <param name="size">About how many bytes the record has.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="KafkaException">The topic does not exist, or there was no room within max.block.ms.</exception>
    public Task ReadyAsync(string topic, int size, CancellationToken stop = default)
    {
        Check();
        return _core.Lane.RunAsync(async () =>
        {
            var deadline = Deadline.In(_core.Host.Time, _options.MaxBlock);
            await _core.Metadata.TopicAsync(topic, deadline);
            await _sender.RoomAsync(size, deadline);
        }).WaitAsync(stop);
    }

    /// <summary>Sends everything taken so far at once, and completes when its fate is known.</summary>
    /// <exception cref="KafkaException">A record taken without <c>onDone</c> could not be delivered.</exception>
    public Task FlushAsync(CancellationToken stop = default) => _core.Lane.RunAsync(_sender.FlushAsync).WaitAsync(stop);

    /// <summary>Flushes, and closes the producer's connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        try
        {
            await FlushAsync();
        }
        finally
        {
            await _core.Lane.RunAsync(() => _sender.DisposeAsync().AsTask());
        }
    }

    /// <summary>What drains this producer.</summary>
    internal Sender Sender => _sender;

    long IRecordTaker.Now() => Now();

    bool IRecordTaker.TrySend(
        in RecordTarget target, NullableBytes key, NullableBytes value, ReadOnlySpan<RecordHeader> headers,
        in FateRequest ask, out RecordPlace place)
    {
        Check();
        return _sender.Accumulator.TryAppend(target, key, value, headers, ask, out place) == Admission.Taken;
    }

    private long Now() => _core.Host.Time.GetUtcNow().ToUnixTimeMilliseconds();

    private void Check()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_sender.Fatal is { } fatal)
            throw TransactionFault.Again(fatal, mayHaveBeenApplied: false);
    }
}
