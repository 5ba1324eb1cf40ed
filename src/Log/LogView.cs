using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>A log at one moment, for any lane to read: immutable, though its oldest files may be deleted under it.</summary>
public sealed partial class LogView
{
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

    /// <summary>The bytes of all segments' batches.</summary>
    public required long SizeInBytes { get; init; }

    /// <summary>Whole batches from the one that holds <paramref name="from"/> on, all below <paramref name="upTo"/>.</summary>
    /// <param name="from">The offset wanted.</param>
    /// <param name="upTo">The exclusive bound: high watermark, last stable offset, or log end.</param>
    /// <param name="maxBytes">At most so many bytes.</param>
    /// <param name="atLeastOneBatch">Return the first batch even where it alone is larger.</param>
    /// <exception cref="IOException">The disk refused.</exception>
    public LogRead Read(Offset from, Offset upTo, int maxBytes, bool atLeastOneBatch) =>
        throw new NotSupportedException();

    /// <summary>The first record below <paramref name="upTo"/> whose timestamp is at least <paramref name="timestamp"/>
    /// ms; null when there is none.</summary>
    /// <exception cref="IOException">The disk refused, or the bytes are damaged.</exception>
    public TimestampedOffset? FindByTimestamp(long timestamp, Offset upTo) => throw new NotSupportedException();

    /// <summary>The first record with the largest timestamp (KIP-734); null where no record has one.</summary>
    /// <exception cref="IOException">The disk refused, or the bytes are damaged.</exception>
    public TimestampedOffset? MaxTimestamp() => throw new NotSupportedException();

    /// <summary>The aborted transactions a read-committed consumer must know to read [from, upTo).</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public IReadOnlyList<AbortedTransaction> AbortedTransactions(Offset from, Offset upTo) =>
        throw new NotSupportedException();
}
