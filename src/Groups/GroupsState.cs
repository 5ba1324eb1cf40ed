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

    /// <summary>The groups that have offsets in a producer's open transaction, by producer.</summary>
    public PersistentMap<ProducerId, PersistentMap<string, bool>> Open { get; private init; } =
        PersistentMap<ProducerId, PersistentMap<string, bool>>.Empty();

    /// <summary>A group; null where nothing is known of it.</summary>
    public Group? Find(string id) => Groups.TryGetValue(id, out var group) ? group : null;

    /// <inheritdoc/>
    public GroupsState Apply(GroupRecord record) => Apply([record]);

    /// <inheritdoc/>
    public GroupsState Apply(IReadOnlyList<GroupRecord> records)
    {
        var (groups, open) = (Groups.BeginEdit(), Open);
        foreach (var record in records)
        {
            switch (record)
            {
                case TransactionalRecord { Stored: { Key: OffsetCommitKey key, Value: OffsetCommitValue } } within:
                    Change(groups, key.Group, within);
                    open = Join(open, within.ProducerId, key.Group);
                    break;
                case TransactionalRecord within when IdOf(within.Stored) is { } id:
                    Change(groups, id, within.Stored);
                    break;
                case TransactionEnded end when open.TryGetValue(end.ProducerId, out var concerned):
                    foreach (var (id, _) in concerned)
                        Change(groups, id, end);
                    open = open.Without(end.ProducerId);
                    break;
                default:
                    if (IdOf(record) is { } about)
                        Change(groups, about, record);
                    break;
            }
        }

        return new(groups.Done()) { Open = open };
    }

    private static void Change(PersistentMap<string, Group>.Edit groups, string id, GroupRecord record)
    {
        var before = groups.TryGetValue(id, out var known) ? known : new Group(id);
        var after = Apply(before, record);
        if (after.IsVoid)
            groups.Remove(id);
        else if (!ReferenceEquals(after, before))
            groups.Set(id, after);
    }

    private static PersistentMap<ProducerId, PersistentMap<string, bool>> Join(
        PersistentMap<ProducerId, PersistentMap<string, bool>> open, ProducerId producer, string group)
    {
        var groups = open.TryGetValue(producer, out var known)
            ? known
            : PersistentMap<string, bool>.Empty(StringComparer.Ordinal);
        return groups.ContainsKey(group) ? open : open.With(producer, groups.With(group, true));
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
        TransactionalRecord { Stored: { Key: OffsetCommitKey key, Value: OffsetCommitValue value } } within =>
            group.WithPending(new(key.Topic, key.Partition), within.ProducerId, CommittedOffset.Of(value)),
        TransactionEnded end => group.WithEnded(end.ProducerId, end.IsCommit),
        StoredRecord { Key: OffsetCommitKey key } stored => group.WithOffset(
            new(key.Topic, key.Partition),
            stored.Value is OffsetCommitValue value ? CommittedOffset.Of(value) : null),
        StoredRecord { Key: LegacyOffsetCommitKey key } stored => group.WithOffset(
            new(key.Topic, key.Partition),
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
}
