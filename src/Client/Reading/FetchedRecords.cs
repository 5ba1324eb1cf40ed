using System.Diagnostics.CodeAnalysis;
using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Client;

/// <summary>Records of one partition as a broker sent them, to be read in place and then disposed.</summary>
/// <remarks>For one thread at a time. Dispose it: its memory is what is read ahead.</remarks>
public sealed class FetchedRecords : IDisposable
{
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly AbortedList _aborted;
    private readonly ReaderOptions _options;
    private readonly FetchLease _lease;
    private bool _disposed;

    internal FetchedRecords(
        FetchPosition position, Offset from, FetchResponse.PartitionData data, ReaderOptions options, FetchLease lease)
    {
        (Partition, From, End) = (position.Partition, from, position.End);
        (Position, Next) = (position, position.Next);
        (HighWatermark, LogStartOffset) = (data.HighWatermark, data.LogStartOffset);
        LastStableOffset = data.LastStableOffset;
        _bytes = data.Records?.Memory ?? default;
        _aborted = new AbortedList(data.AbortedTransactions);
        (_options, _lease) = (options, lease);
        lease.Retain();
    }

    /// <summary>The partition.</summary>
    public TopicPartition Partition { get; }

    /// <summary>The first offset wanted; earlier records of its batch are left out.</summary>
    public Offset From { get; }

    /// <summary>Where the reading ends, exclusively; null for never.</summary>
    public Offset? End { get; }

    /// <summary>Up to where records are replicated.</summary>
    public Offset HighWatermark { get; }

    /// <summary>Up to where all transactions are decided; -1 when unknown.</summary>
    public Offset LastStableOffset { get; }

    /// <summary>The first offset of the log; -1 when unknown.</summary>
    public Offset LogStartOffset { get; }

    /// <summary>The position they were fetched for; another one stands in its place after a seek.</summary>
    internal FetchPosition Position { get; }

    /// <summary>The offset after the last of them.</summary>
    internal Offset Next { get; }

    /// <summary>Their bytes as they were sent.</summary>
    public int Size => _bytes.Length;

    /// <summary>Begins to read: <c>foreach (var record in fetched)</c>.</summary>
    public RecordCursor GetEnumerator()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new RecordCursor(this, _bytes.Span, _aborted, _options);
    }

    /// <summary>Gives the memory back; may be called from any thread.</summary>
    [SuppressMessage("Usage", "CA1816", Justification = "Nothing here is finalized.")]
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        _lease.Release();
    }
}
