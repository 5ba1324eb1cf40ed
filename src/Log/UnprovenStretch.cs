namespace Barnabas.Log;

/// <summary>Batches that a recovery took from the kernel's cache, of which no sync has told that they are on
/// disk.</summary>
/// <remarks>Nor will the next sync tell. Where one had failed before the crash, the kernel holds its bytes for clean:
/// it goes on showing them, and writes them no more. What a sync leaves is therefore dropped from the cache and read
/// again, from the disk, before the log counts it as flushed.</remarks>
/// <param name="Segment">Where they are.</param>
/// <param name="Start">Where the first of them begins in the file.</param>
/// <param name="After">The last offset before them.</param>
internal sealed record UnprovenStretch(Segment Segment, int Start, long After)
{
    private int End { get; init; } = int.MaxValue;

    private int Cuts { get; init; }

    /// <summary>True where there is nothing to read.</summary>
    public bool IsEmpty => Start >= End;

    /// <summary>The stretch in the segment as it is now, after a recovery or a cut: what is appended from now on is no
    /// part of it. Called on the log's lane.</summary>
    public UnprovenStretch Bounded() => this with { End = Math.Min(End, Segment.Size), Cuts = Segment.Health.Cuts };

    /// <summary>Reads the batches from the disk. Blocks; the segment was synced, and its file is held open.</summary>
    /// <returns>False where the segment was cut meanwhile: nothing is known then.</returns>
    /// <exception cref="IOException">The disk does not have them.</exception>
    public bool Prove()
    {
        Segment.Log.ForgetCached(Start);
        using var scan = new CheckedScan(Segment.Log, Start, End, After);
        while (scan.MoveNext())
        {
        }

        if (Cuts != Segment.Health.Cuts)
            return false;
        if (scan.Fault is { } fault)
        {
            throw new IOException(
                $"{Segment.Log.Path}: the batches from {scan.Position} to {End} were there after the last start and "
                + $"are not on disk ({fault}): a sync has failed before it");
        }

        return true;
    }
}
