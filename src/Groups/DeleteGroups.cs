using Barnabas.Base;
using Barnabas.Groups.Classic;
using Barnabas.Groups.Consumer;
using Barnabas.Groups.Offsets;
using Barnabas.Journal;

namespace Barnabas.Groups;

/// <summary>Deletes groups without members, and their offsets (KIP-229).</summary>
public static class DeleteGroups
{
    /// <summary>Decides on one group.</summary>
    /// <returns>None; INVALID_GROUP_ID; GROUP_ID_NOT_FOUND; NON_EMPTY_GROUP.</returns>
    public static Decision<ErrorCode, GroupRecord> Decide(GroupsState state, string groupId)
    {
        if (groupId.Length == 0)
            return ErrorCode.InvalidGroupId;
        if (state.Find(groupId) is not { } group)
            return ErrorCode.GroupIdNotFound;
        if (!group.IsEmpty)
            return ErrorCode.NonEmptyGroup;
        // What is pending goes with them: its transaction may still be committed, and shall bring nothing back.
        var partitions = group.Offsets.Select(offset => offset.Key)
            .Union(group.Pending.Select(pending => pending.Key));
        var offsets = partitions.Select(partition => CommittedOffset.Tombstone(groupId, partition));
        return new(ErrorCode.None, [.. offsets, .. Tombstones(group)]);
    }

    /// <summary>The records that delete what is kept of a group's members, nobody being in it.</summary>
    internal static IEnumerable<GroupRecord> Tombstones(Group group) => group.Membership switch
    {
        // A classic group that never had a member is no record.
        ClassicGroup { Generation: > 0 } => [ClassicRecords.Tombstone(group.Id)],
        ConsumerGroup consumer => consumer.Tombstones(),
        _ => [],
    };
}
