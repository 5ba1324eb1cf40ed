using Barnabas.Base;
using Barnabas.Groups.Classic;
using DescribedGroup = Barnabas.Wire.Messages.DescribeGroupsResponse.DescribedGroup;

namespace Barnabas.Groups;

/// <summary>Shows a classic group (KIP-345, KIP-1043).</summary>
public static class DescribeGroups
{
    private const int FirstVersionThatKnowsGroupIdNotFound = 6;
    private const string Dead = "Dead";

    /// <summary>Shows a group; one that is not there, or is none of the classic protocol, is dead.</summary>
    public static DescribedGroup Describe(GroupsState state, string groupId, short version)
    {
        var group = state.Find(groupId);
        if (group is null or { Membership: not (null or ClassicGroup) })
            return Missing(groupId, version, group is null ? "not found" : "is not a classic group");
        var classic = group.Membership as ClassicGroup ?? new ClassicGroup();
        var isStable = classic.State == ClassicState.Stable;
        return new()
        {
            GroupId = groupId,
            GroupState = classic.StateName,
            ProtocolType = classic.ProtocolType,
            ProtocolData = isStable ? classic.Protocol ?? "" : "",
            Members = [.. classic.Members.Select(member => Describe(member.Value, isStable ? classic.Protocol : null))],
        };
    }

    private static DescribedGroup Missing(string groupId, short version, string why) => new()
    {
        GroupId = groupId,
        GroupState = Dead,
        ErrorCode = version >= FirstVersionThatKnowsGroupIdNotFound ? ErrorCode.GroupIdNotFound : ErrorCode.None,
        ErrorMessage = version >= FirstVersionThatKnowsGroupIdNotFound ? $"Group {groupId} {why}." : null,
        ProtocolType = "",
        ProtocolData = "",
    };

    // What a member got is only known while the generation stands.
    private static Barnabas.Wire.Messages.DescribeGroupsResponse.DescribedGroupMember Describe(
        ClassicMember member, string? protocol) => new()
        {
            MemberId = member.Id,
            GroupInstanceId = member.InstanceId,
            ClientId = member.ClientId,
            ClientHost = member.ClientHost,
            MemberMetadata = member.MetadataFor(protocol),
            MemberAssignment = protocol is null ? default : member.Assignment,
        };
}
