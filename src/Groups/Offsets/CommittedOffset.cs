using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Groups.Offsets;

/// <summary>Where a group stands in a partition.</summary>
/// <param name="Offset">The next offset it will read.</param>
/// <param name="LeaderEpoch">The leader epoch of the last record it consumed; none when unknown (KIP-320).</param>
/// <param name="Metadata">A note of the client's own.</param>
/// <param name="CommittedAt">When it was committed, in ms since 1970.</param>
/// <param name="ExpiresAt">When it expires by its client's wish, in ms since 1970; -1 as the broker has it.</param>
/// <remarks>The topic's id is no part of it: the version in which Kafka 4.2 keeps offsets has no place for
/// one.</remarks>
public sealed record CommittedOffset(
    Offset Offset, LeaderEpoch LeaderEpoch, string Metadata, long CommittedAt, long ExpiresAt)
{
    /// <summary>Reads it from the log.</summary>
    public static CommittedOffset Of(OffsetCommitValue value) => new(
        value.Offset, value.LeaderEpoch, value.Metadata, value.CommitTimestamp, value.ExpireTimestamp);

    /// <summary>Reads it from the log, in its oldest form.</summary>
    public static CommittedOffset Of(LegacyOffsetCommitValue value) => new(
        value.Offset, LeaderEpoch.None, value.Metadata, value.CommitTimestamp, -1);

    /// <summary>The record that sets it.</summary>
    public StoredRecord ToRecord(string group, TopicPartition partition) => new(
        KeyOf(group, partition),
        new OffsetCommitValue
        {
            Offset = Offset,
            LeaderEpoch = LeaderEpoch,
            Metadata = Metadata,
            CommitTimestamp = CommittedAt,
            ExpireTimestamp = ExpiresAt,
        });

    /// <summary>The record that deletes the offset of a partition.</summary>
    public static StoredRecord Tombstone(string group, TopicPartition partition) => new(KeyOf(group, partition), null);

    private static OffsetCommitKey KeyOf(string group, TopicPartition partition) =>
        new() { Group = group, Topic = partition.Topic, Partition = partition.Partition };
}
