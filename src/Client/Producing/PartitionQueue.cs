using System.Diagnostics.CodeAnalysis;
using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Client;

/// <summary>The batches of one partition: an open one, full ones, those to be sent again, those under way.</summary>
/// <remarks>The open and the full ones are guarded by <see cref="Gate"/>: it is where the application's threads meet
/// the client's lane. All else belongs to the lane.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "Batches end one by one; the sender disposes each.")]
internal sealed class PartitionQueue(TopicPartition partition)
{
    private readonly Queue<ProducerBatch> _full = [];
    private ProducerBatch? _open;
    private int _lastSize = 1024;

    /// <summary>Guards the open and the full batches.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The partition.</summary>
    public TopicPartition Partition { get; } = partition;

    /// <summary>True while the sender looks at this queue. Guarded by the gate.</summary>
    public bool IsActive { get; set; }

    /// <summary>When something was last sent, as a timestamp of the host's clock.</summary>
    public long LastDrained { get; set; }

    /// <summary>Batches to be sent again, in the order of their sequences.</summary>
    public List<ProducerBatch> Retries { get; } = [];

    /// <summary>Batches under way, in the order they were sent.</summary>
    public List<ProducerBatch> InFlight { get; } = [];

    /// <summary>True when what is to be sent again first may be in the log already.</summary>
    public bool IsFirstRetryInDoubt => Retries is [{ MayHaveBeenApplied: true }, ..];

    /// <summary>The sequences given out so far, and under which identity.</summary>
    public SequenceState Sequences { get; } = new();

    /// <summary>Appends a record; a batch it does not fit into is closed. Under the gate.</summary>
    /// <returns>The batch it went into, and whether one has become full.</returns>
    public (ProducerBatch Batch, bool Filled) Append(
        in Appending record, NullableBytes key, NullableBytes value, ReadOnlySpan<RecordHeader> headers)
    {
        if (_open is { } open && open.TryAppend(record.Rules.BatchSize, record.Timestamp, key, value, headers))
        {
            open.Accounted += record.Size;
            return (open, false);
        }

        var filled = _open is not null;
        var rules = record.Rules;
        CloseOpen(rules);
        var capacity = Math.Max(Math.Min(_lastSize, rules.BatchSize), record.Size);
        _open = new ProducerBatch(capacity, rules.Time.GetTimestamp(), new())
        {
            Accounted = record.Size,
            IsTransactional = rules.IsTransactional,
        };
        _open.TryAppend(int.MaxValue, record.Timestamp, key, value, headers);
        return (_open, filled);
    }

    /// <summary>Closes the open batch. Under the gate.</summary>
    public void CloseOpen(BatchRules rules)
    {
        if (_open is not { } open)
            return;
        _lastSize = Math.Max(open.Size, 1024);
        open.Close(rules.Compression, rules.Lanes, rules.Wake);
        _full.Enqueue(open);
        _open = null;
    }

    /// <summary>The first batch that is closed; null when there is none. Under the gate.</summary>
    public ProducerBatch? FirstFull => _full.TryPeek(out var batch) ? batch : null;

    /// <summary>The batch that still takes records; null when there is none. Under the gate.</summary>
    public ProducerBatch? Open => _open;

    /// <summary>Takes the first closed batch. Under the gate.</summary>
    public ProducerBatch TakeFull() => _full.Dequeue();

    /// <summary>All batches whose fate is open. Under the gate, on the lane.</summary>
    public IEnumerable<ProducerBatch> Unsettled()
    {
        var all = InFlight.Concat(Retries).Concat(_full);
        return _open is { } open ? all.Append(open) : all;
    }

    /// <summary>True when nothing is left to do here. Under the gate, on the lane.</summary>
    public bool IsEmpty => _open is null && _full.Count == 0 && Retries.Count == 0 && InFlight.Count == 0;
}

/// <summary>What an append needs to know besides the record's bytes.</summary>
/// <param name="Rules">How batches are made.</param>
/// <param name="Size">The most bytes the record takes.</param>
/// <param name="Timestamp">The record's timestamp, in ms since 1970.</param>
internal readonly record struct Appending(BatchRules Rules, int Size, long Timestamp);
