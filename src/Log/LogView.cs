using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>A log at one moment, for any lane to read: immutable, though its oldest files may be deleted under
/// it.</summary>
public sealed partial class LogView
{
    private readonly SegmentView[] _closed;
    private readonly SegmentView _active;

    /// <summary>A view of these segments.</summary>
    /// <param name="closed">The segments written no more, by offset.</param>
    /// <param name="active">The segment that is appended to.</param>
    internal LogView(SegmentView[] closed, SegmentView active) => (_closed, _active) = (closed, active);

    /// <summary>The offset of the first record that may be read.</summary>
    public required Offset LogStart { get; init; }

    /// <summary>The log end offset: that of the next record to be appended.</summary>
    public required Offset End { get; init; }

    /// <summary>The offset below which all is known to be on disk.</summary>
    public required Offset FlushedOffset { get; init; }

    /// <summary>Which leader epoch began where.</summary>
    public required EpochHistory Epochs { get; init; }

    /// <summary>The offset of the oldest transaction not yet decided; null when there is none.</summary>
    public required Offset? FirstOpenTransaction { get; init; }

    /// <summary>How many idempotent producers the log remembers.</summary>
    public required int ProducerCount { get; init; }

    /// <summary>The bytes of all segments' batches.</summary>
    public required long SizeInBytes { get; init; }

    /// <summary>The base offset of the oldest segment; not above <see cref="LogStart"/>.</summary>
    public Offset FirstSegment => SegmentAt(0).BaseOffset;

    /// <summary>The segment that is appended to.</summary>
    internal SegmentView Active => _active;

    private int SegmentCount => _closed.Length + 1;

    /// <summary>The aborted transactions a read-committed consumer must know to read [from, upTo).</summary>
    public IReadOnlyList<AbortedTransaction> AbortedTransactions(Offset from, Offset upTo)
    {
        var found = new List<AbortedTransaction>();
        for (var i = SegmentOf(from); i < SegmentCount; i++)
        {
            var entries = SegmentAt(i).Aborted.Span;
            foreach (var aborted in entries[FirstEndedAt(entries, from)..])
            {
                if (aborted.FirstOffset < upTo)
                    found.Add(aborted);
                // Whatever began below the bound was decided by then, so no later entry can concern it.
                if (aborted.LastStableOffset >= upTo)
                    return found;
            }
        }

        return found;
    }

    /// <summary>The index of the first whose marker is not below <paramref name="from"/>; they are in order of
    /// markers.</summary>
    private static int FirstEndedAt(ReadOnlySpan<AbortedTransaction> entries, Offset from)
    {
        var (low, high) = (0, entries.Length);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (entries[middle].LastOffset < from)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private SegmentView SegmentAt(int index) => index < _closed.Length ? _closed[index] : _active;

    /// <summary>The segment an offset belongs to; the first for an offset below all.</summary>
    private int SegmentOf(Offset offset)
    {
        if (offset >= _active.BaseOffset)
            return _closed.Length;
        var (low, high) = (0, _closed.Length);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (_closed[middle].BaseOffset <= offset)
                low = middle + 1;
            else
                high = middle;
        }

        return Math.Max(low - 1, 0);
    }
}
