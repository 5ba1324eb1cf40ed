using Barnabas.Base;
using Barnabas.Groups.Classic;
using Barnabas.Journal;

namespace Barnabas.Groups.Offsets;

/// <summary>Deletes offsets of a group on an administrator's word (KIP-496).</summary>
public static class DeleteOffsets
{
    /// <summary>Decides.</summary>
    /// <param name="state">The groups.</param>
    /// <param name="groupId">The group.</param>
    /// <param name="partitions">The partitions whose offsets shall go.</param>
    /// <returns>An error of the whole: INVALID_GROUP_ID, GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP; and the topics the group
    /// reads, whose offsets stay (GROUP_SUBSCRIBED_TO_TOPIC).</returns>
    public static Decision<(ErrorCode Error, IReadOnlySet<string> Subscribed), GroupRecord> Decide(
        GroupsState state, string groupId, IReadOnlyList<TopicPartition> partitions)
    {
        var group = state.Find(groupId);
        var error = groupId.Length == 0 ? ErrorCode.InvalidGroupId : Check(group);
        var subscribed = new HashSet<string>(StringComparer.Ordinal);
        if (error != ErrorCode.None)
            return (error, subscribed);
        subscribed.UnionWith(partitions.Select(p => p.Topic).Where(group!.IsSubscribedTo));
        var gone = partitions.Where(p => group.HasOffset(p) && !subscribed.Contains(p.Topic)).Distinct();
        return new(
            (ErrorCode.None, subscribed), [.. gone.Select(p => CommittedOffset.Tombstone(groupId, p))]);
    }

    // Of members that are no consumers nobody knows what they read.
    private static ErrorCode Check(Group? group) => group switch
    {
        null => ErrorCode.GroupIdNotFound,
        { IsEmpty: false, Membership: ClassicGroup { Type: not ClassicGroup.Consumers } } => ErrorCode.NonEmptyGroup,
        _ => ErrorCode.None,
    };
}
