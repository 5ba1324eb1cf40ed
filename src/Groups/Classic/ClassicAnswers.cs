using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Groups.Classic;

/// <summary>Answers to members of classic groups.</summary>
internal static class ClassicAnswers
{
    /// <summary>A join is refused.</summary>
    /// <param name="error">Why.</param>
    /// <param name="memberId">The id to join with, or the one that asked.</param>
    public static JoinGroupResponse Refuse(ErrorCode error, string memberId = "") => new()
    {
        ErrorCode = error,
        // Clients before KIP-559 know no null here; those after it read an empty name the same way.
        ProtocolName = "",
        MemberId = memberId,
    };

    /// <summary>What a member of the generation that stands is told: the leader gets to know the others.</summary>
    public static JoinGroupResponse Joined(ClassicGroup group, string memberId) => new()
    {
        GenerationId = group.Generation,
        ProtocolType = group.Type,
        ProtocolName = group.Protocol ?? "",
        Leader = group.Leader ?? "",
        MemberId = memberId,
        Members = group.Leader == memberId ? MembersOf(group) : [],
    };

    /// <summary>A member's share.</summary>
    public static SyncGroupResponse Share(ClassicGroup group, ClassicMember member) => new()
    {
        ProtocolType = group.Type,
        ProtocolName = group.Protocol,
        Assignment = member.Assignment,
    };

    private static List<JoinGroupResponse.JoinGroupResponseMember> MembersOf(ClassicGroup group) =>
    [
        .. group.Members.Select(member => new JoinGroupResponse.JoinGroupResponseMember
        {
            MemberId = member.Key,
            GroupInstanceId = member.Value.InstanceId,
            Metadata = member.Value.MetadataFor(group.Protocol),
        }),
    ];
}
