using Barnabas.Wire.Messages;

namespace Barnabas.Groups.Classic;

/// <summary>What is kept of a classic group: who was in it after its last rebalance, and what each got.</summary>
internal static class ClassicRecords
{
    /// <summary>The record of a group as it stands.</summary>
    public static StoredRecord Write(string id, ClassicGroup group) => new(
        new GroupMetadataKey { Group = id },
        new GroupMetadataValue
        {
            ProtocolType = group.ProtocolType,
            Generation = group.Generation,
            Protocol = group.Protocol,
            Leader = group.Leader,
            CurrentStateTimestamp = group.StateSince,
            Members = [.. group.Members.Select(member => Write(member.Value, group.Protocol))],
        });

    /// <summary>The record that deletes a group.</summary>
    public static StoredRecord Tombstone(string id) => new(new GroupMetadataKey { Group = id }, null);

    /// <summary>The group as the record leaves it: stable, or without members.</summary>
    public static ClassicGroup Read(GroupMetadataValue value)
    {
        var group = new ClassicGroup
        {
            State = value.Members.Count == 0 ? ClassicState.Empty : ClassicState.Stable,
            StateSince = value.CurrentStateTimestamp,
            Type = value.ProtocolType.Length == 0 ? null : value.ProtocolType,
            Generation = value.Generation,
            Protocol = value.Protocol,
            Leader = value.Leader,
        };
        foreach (var member in value.Members)
            group = group.With(Read(member, value.Protocol ?? ""));
        return group with { Topics = Subscriptions.TopicsOf(group) };
    }

    private static GroupMetadataValue.MemberMetadata Write(ClassicMember member, string? protocol) => new()
    {
        MemberId = member.Id,
        GroupInstanceId = member.InstanceId,
        ClientId = member.ClientId,
        ClientHost = member.ClientHost,
        RebalanceTimeout = (int)member.RebalanceTimeout.TotalMilliseconds,
        SessionTimeout = (int)member.SessionTimeout.TotalMilliseconds,
        Subscription = member.MetadataFor(protocol),
        Assignment = member.Assignment,
    };

    private static ClassicMember Read(GroupMetadataValue.MemberMetadata member, string protocol) => new()
    {
        Id = member.MemberId,
        InstanceId = member.GroupInstanceId,
        ClientId = member.ClientId,
        ClientHost = member.ClientHost,
        // Its oldest form has no timeout of its own for rebalances.
        RebalanceTimeout = TimeSpan.FromMilliseconds(
            member.RebalanceTimeout < 0 ? member.SessionTimeout : member.RebalanceTimeout),
        SessionTimeout = TimeSpan.FromMilliseconds(member.SessionTimeout),
        Protocols = [new(protocol, member.Subscription)],
        Assignment = member.Assignment,
    };
}
