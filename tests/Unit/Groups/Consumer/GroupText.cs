using Barnabas.Groups;
using Barnabas.Groups.Consumer;

namespace Barnabas.Tests.Unit.Groups.Consumer;

/// <summary>A consumer group as text, everything that it remembers: states are compared by it.</summary>
internal static class GroupText
{
    public static string Of(ConsumerGroup? group) => group is null ? "none" : string.Join('\n',
    [
        $"{group.Id} {group.StateName} epoch {group.Epoch} hash {group.MetadataHash} target of {group.AssignmentEpoch}",
        .. group.Members.Select(member => $"member {Of(member.Value)}"),
        .. group.StaticMembers.Select(member => $"static {member.Key} {member.Value}"),
        .. group.Target.Select(target => $"target {target.Key} {target.Value}"),
        .. group.Patterns.Select(pattern =>
            $"pattern {pattern.Key} {string.Join(',', pattern.Value.Topics)} {pattern.Value with { Topics = [] }}"),
        .. group.Holders.Select(holder => $"holder {holder.Key} {holder.Value}"),
        .. group.Subscriptions.Select(topic => $"topic {topic.Key} {topic.Value}"),
        .. group.PatternSubscriptions.Select(pattern => $"subscribed {pattern.Key} {pattern.Value}"),
    ]);

    private static string Of(ConsumerMember member) =>
        $"{member.MemberId} {member.InstanceId} {member.RackId} {member.ClientId} {member.ClientHost} "
        + $"{member.RebalanceTimeout} {member.ServerAssignor} [{string.Join(',', member.Topics)}] {member.Pattern} "
        + $"{member.Classic} {member.Epoch} {member.PreviousEpoch} {member.State} {member.Assigned}"
        + $" -{member.Revoking}";

    /// <summary>The group after records that are replayed.</summary>
    public static ConsumerGroup? Replay(string id, IEnumerable<GroupRecord> records)
    {
        ConsumerGroup? group = null;
        foreach (var record in records.Cast<StoredRecord>())
            group = (group ?? ConsumerGroup.New(id)).Apply(record);
        return group;
    }
}
