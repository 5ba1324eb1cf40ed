using Names = Barnabas.Cluster.Configs.BrokerConfigNames;

namespace Barnabas.Cluster.Configs;

/// <summary>What the cluster's own log, <c>__cluster_metadata-0</c>, is configured with. Sizes are
/// bytes.</summary>
public sealed record MetadataLogConfig
{
    /// <summary><c>metadata.log.dir</c>, or the first of the data directories.</summary>
    public required string Directory { get; init; }

    /// <summary><c>metadata.log.segment.bytes</c>.</summary>
    public required int SegmentBytes { get; init; }

    /// <summary><c>metadata.log.segment.ms</c>.</summary>
    public required TimeSpan SegmentAge { get; init; }

    /// <summary><c>metadata.log.max.record.bytes.between.snapshots</c>.</summary>
    public required long BytesBetweenSnapshots { get; init; }

    /// <summary><c>metadata.log.max.snapshot.interval.ms</c>; null means never by time.</summary>
    public required TimeSpan? SnapshotInterval { get; init; }

    internal static MetadataLogConfig From(ConfigValues values, IReadOnlyList<string> logDirs) => new()
    {
        Directory = values.Text(Names.MetadataLogDir) ?? logDirs[0],
        SegmentBytes = values.Whole(Names.MetadataLogSegmentBytes),
        SegmentAge = values.Time(Names.MetadataLogSegmentMs),
        BytesBetweenSnapshots = values.Number(Names.MetadataLogMaxRecordBytesBetweenSnapshots),
        SnapshotInterval = values.TimeLimit(Names.MetadataLogMaxSnapshotIntervalMs) is { Ticks: > 0 } interval
            ? interval
            : null,
    };
}
