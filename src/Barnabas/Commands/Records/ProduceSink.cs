using Barnabas.Client;
using Barnabas.Records;

namespace Barnabas.Cli.Commands;

/// <summary>Where records go: into the producer, as long as that has room.</summary>
internal sealed class ProduceSink(IRecordSink producer, string topic)
{
    private long _now;
    private int _waitingFor;

    /// <summary>True when the last record was not taken: it is to be offered again after
    /// <see cref="WaitAsync"/>.</summary>
    public bool IsFull { get; private set; }

    /// <summary>The most records to take.</summary>
    public long Limit { get; init; } = long.MaxValue;

    /// <summary>True when no more are wanted: what is still offered goes nowhere.</summary>
    public bool IsDone => Records >= Limit;

    /// <summary>How many records were taken.</summary>
    public long Records { get; private set; }

    /// <summary>How many bytes their keys and values had.</summary>
    public long Bytes { get; private set; }

    /// <summary>A block was read: its records have this time.</summary>
    public void NewBlock() => _now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    /// <summary>Offers a record.</summary>
    /// <returns>False where it must wait.</returns>
    public bool Offer(
        int? partition, long? timestamp, NullableBytes key, NullableBytes value, ReadOnlySpan<RecordHeader> headers)
    {
        if (IsDone)
            return true;
        IsFull = !producer.TryEnqueue(topic, partition, timestamp ?? _now, key, value, headers);
        if (IsFull)
        {
            _waitingFor = key.Span.Length + value.Span.Length;
            return false;
        }

        Records++;
        Bytes += key.Span.Length + value.Span.Length;
        return true;
    }

    /// <summary>Completes when the record may be offered again.</summary>
    public async Task WaitAsync(CancellationToken stop)
    {
        await producer.ReadyAsync(topic, _waitingFor, stop);
        IsFull = false;
    }
}
