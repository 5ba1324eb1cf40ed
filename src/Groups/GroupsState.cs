using Barnabas.Base;
using Barnabas.Groups.Classic;
using Barnabas.Groups.Consumer;
using Barnabas.Groups.Offsets;
using Barnabas.Journal;
using Barnabas.Wire.Messages;

namespace Barnabas.Groups;

/// <summary>What a shard of the group coordinator remembers: the groups of one partition of
/// <c>__consumer_offsets</c>.</summary>
/// <remarks>Immutable; it changes by records alone, live and replayed. What no record keeps of a group, such as who is
/// joining, is a record too while the shard is led here: <see cref="MembershipChanged"/>.</remarks>
/// <param name="Groups">The groups by id; those of which nothing is known are absent.</param>
public sealed record GroupsState(PersistentMap<string, Group> Groups) : IReplayed<GroupsState, GroupRecord>
{
    /// <inheritdoc/>
    public static GroupsState Empty { get; } = new(PersistentMap<string, Group>.Empty(StringComparer.Ordinal));

    /// <summary>A group; null where nothing is known of it.</summary>
    public Group? Find(string id) => Groups.TryGetValue(id, out var group) ? group : null;

    /// <inheritdoc/>
    public GroupsState Apply(GroupRecord record) => Apply([record]);

    /// <inheritdoc/>
    public GroupsState Apply(IReadOnlyList<GroupRecord> records)
    {
        var groups = Groups.BeginEdit();
        foreach (var record in records)
        {
            if (IdOf(record) is not { } id)
                continue;
            var before = groups.TryGetValue(id, out var known) ? known : new Group(id);
            var after = Apply(before, record);
            if (after.IsVoid)
                groups.Remove(id);
            else if (!ReferenceEquals(after, before))
                groups.Set(id, after);
        }

        return new(groups.Done());
    }

    /// <summary>The group a record is about; null for a record of a kind that this version does not
    /// coordinate.</summary>
    private static string? IdOf(GroupRecord record) => record switch
    {
        MembershipChanged changed => changed.GroupId,
        StoredRecord { Key: OffsetCommitKey key } => key.Group,
        StoredRecord { Key: LegacyOffsetCommitKey key } => key.Group,
        StoredRecord { Key: GroupMetadataKey key } => key.Group,
        StoredRecord { Key: ConsumerGroupMetadataKey key } => key.GroupId,
        StoredRecord { Key: ConsumerGroupMemberMetadataKey key } => key.GroupId,
        StoredRecord { Key: ConsumerGroupTargetAssignmentMetadataKey key } => key.GroupId,
        StoredRecord { Key: ConsumerGroupTargetAssignmentMemberKey key } => key.GroupId,
        StoredRecord { Key: ConsumerGroupCurrentMemberAssignmentKey key } => key.GroupId,
        StoredRecord { Key: ConsumerGroupRegularExpressionKey key } => key.GroupId,
        _ => null,
    };

    private static Group Apply(Group group, GroupRecord record) => record switch
    {
        MembershipChanged changed => group with { Membership = changed.Membership },
        StoredRecord { Key: OffsetCommitKey key } stored => SetOffset(
            group, new(key.Topic, key.Partition),
            stored.Value is OffsetCommitValue value ? CommittedOffset.Of(value) : null),
        StoredRecord { Key: LegacyOffsetCommitKey key } stored => SetOffset(
            group, new(key.Topic, key.Partition),
            stored.Value is LegacyOffsetCommitValue value ? CommittedOffset.Of(value) : null),
        StoredRecord { Key: GroupMetadataKey, Value: GroupMetadataValue value } =>
            group with { Membership = ClassicRecords.Read(value) },
        // The tombstone of a group that changed to another protocol is not the tombstone of what it is now.
        StoredRecord { Key: GroupMetadataKey, Value: null } when group.Membership is ClassicGroup =>
            group with { Membership = null },
        StoredRecord { Key: GroupMetadataKey } => group,
        StoredRecord { Value: null } when group.Membership is not ConsumerGroup => group,
        StoredRecord stored => group with
        {
            Membership = (group.Membership as ConsumerGroup ?? ConsumerGroup.New(group.Id)).Apply(stored),
        },
        _ => group,
    };

    private static Group SetOffset(Group group, TopicPartition partition, CommittedOffset? offset) => group with
    {
        Offsets = offset is null ? group.Offsets.Without(partition) : group.Offsets.With(partition, offset),
    };
}
