using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>How far a group is behind.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="Partitions">What it has a position in or reads, in order.</param>
public sealed record GroupLag(string GroupId, IReadOnlyList<PartitionLag> Partitions)
{
    /// <summary>How many records it has not handled, where that is known.</summary>
    public long Total => Partitions.Sum(p => p.Lag ?? 0);
}

/// <summary>How far a group is behind in a partition.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Committed">The position the group has stored; null when there is none.</param>
/// <param name="End">The offset after the partition's last record; null when the partition does not exist.</param>
/// <param name="Member">Who reads it; null when nobody does.</param>
public sealed record PartitionLag(
    TopicPartition Partition, CommittedOffset? Committed, Offset? End, GroupMember? Member)
{
    /// <summary>How many records the group has not handled; null when that cannot be said.</summary>
    public long? Lag => Committed is { } at && End is { } end ? Math.Max(0, end - at.Offset) : null;
}
