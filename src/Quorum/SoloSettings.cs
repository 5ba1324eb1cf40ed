namespace Barnabas.Quorum;

/// <summary>Where a node keeps the metadata alone, and who it is.</summary>
/// <param name="LogDir">The log directory that holds <c>__cluster_metadata-0</c>.</param>
/// <param name="Self">The node, and the id of that log directory.</param>
public sealed record SoloSettings(string LogDir, Voter Self)
{
    /// <summary><c>metadata.log.segment.bytes</c>.</summary>
    public int SegmentBytes { get; init; } = 1 << 30;

    /// <summary><c>metadata.log.segment.ms</c>.</summary>
    public TimeSpan SegmentAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>True when the last run closed the log cleanly: then its end cannot be a write cut short, and damage
    /// there is damage.</summary>
    public bool CleanShutdown { get; init; }
}
