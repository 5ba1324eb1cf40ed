using Barnabas.Records;

namespace Barnabas.Log;

/// <summary>Where a batch stands, for the case that it cannot be read.</summary>
internal readonly record struct BatchPlace(SegmentView Source, int Position, long BaseOffset)
{
    /// <summary>More than any topic takes: a batch that decompresses to more is damaged.</summary>
    public const int LargestDecompressed = 1 << 30;

    /// <summary>The place of the batch on which a scan stands.</summary>
    public static BatchPlace Of(SegmentView source, CheckedScan scan) => new(source, scan.Position, scan.BaseOffset);

    /// <summary>Opens its records.</summary>
    /// <exception cref="LogDamagedException">They cannot be decompressed.</exception>
    public BatchRecords Open(ReadOnlySpan<byte> batch) =>
        BatchRecords.Open(batch, LargestDecompressed, out var records) == CodecOutcome.Done
            ? records
            : throw Source.Damaged(Position, BaseOffset, "its records cannot be decompressed");

    /// <summary>Throws where reading its records came to a fault.</summary>
    /// <exception cref="LogDamagedException">It did.</exception>
    public void CheckRead(RecordFault fault)
    {
        if (fault != RecordFault.None)
            throw Source.Damaged(Position, BaseOffset, "it holds what is no record");
    }
}
