using Barnabas.Base;
using Barnabas.Cluster;

namespace Barnabas.Groups.Consumer;

/// <summary>Why a member is refused, in Apache Kafka's codes and words.</summary>
internal static class MemberFaults
{
    public static ApiError Unknown(string groupId, string memberId) =>
        new(ErrorCode.UnknownMemberId, $"Member {memberId} is not a member of group {groupId}.");

    /// <summary>Checks the epoch in which a member comes.</summary>
    /// <param name="member">The member.</param>
    /// <param name="epoch">The epoch that it names.</param>
    /// <param name="owned">What it says that it owns; null when it did not say.</param>
    public static ApiError CheckEpoch(ConsumerMember member, int epoch, PartitionSet? owned)
    {
        if (epoch > member.Epoch)
            return Fenced("greater", epoch, member);

        // The answer that told it of its epoch may have been lost: then it owns no more than it did before.
        var mayHaveMissedIt = epoch == member.PreviousEpoch && owned?.IsSubsetOf(member.Assigned) == true;
        return epoch == member.Epoch || mayHaveMissedIt ? ApiError.None : Fenced("smaller", epoch, member);
    }

    /// <summary>Checks that a static member is who it says.</summary>
    /// <param name="holder">Who has the instance id; null for nobody.</param>
    /// <param name="memberId">Who comes.</param>
    /// <param name="instanceId">The instance id.</param>
    public static ApiError CheckStatic(ConsumerMember? holder, string memberId, string instanceId)
    {
        if (holder is null)
            return new(ErrorCode.UnknownMemberId, $"Instance id {instanceId} is unknown.");
        return holder.MemberId == memberId
            ? ApiError.None
            : new(
                ErrorCode.FencedInstanceId,
                $"Static member {memberId} with instance id {instanceId} was fenced by member {holder.MemberId}.");
    }

    /// <summary>The instance id belongs to somebody who has not left.</summary>
    public static ApiError Unreleased(ConsumerMember holder, string memberId, string instanceId) => new(
        ErrorCode.UnreleasedInstanceId,
        $"Static member {memberId} with instance id {instanceId} cannot join the group because the instance id is "
            + $"owned by {holder.MemberId} member.");

    private static ApiError Fenced(string relation, int epoch, ConsumerMember member) => new(
        ErrorCode.FencedMemberEpoch,
        $"The consumer group member has a {relation} member epoch ({epoch}) than the one known by the group "
            + $"coordinator ({member.Epoch}). The member must abandon all its partitions and rejoin.");
}
