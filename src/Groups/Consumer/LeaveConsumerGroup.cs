using Barnabas.Journal;
using Barnabas.Wire.Messages;

namespace Barnabas.Groups.Consumer;

/// <summary>A heartbeat in a negative epoch: the member leaves, for good or, where it is static, for a while.</summary>
internal static class LeaveConsumerGroup
{
    public static Decision<ConsumerGroupHeartbeatResponse, GroupRecord> Decide(
        ConsumerGroup group, ConsumerGroupHeartbeatRequest request, GroupRules rules)
    {
        var left = new ConsumerGroupHeartbeatResponse
        {
            MemberId = request.MemberId,
            MemberEpoch = request.MemberEpoch,
        };
        if (request.InstanceId is not { } instance)
        {
            return group.Find(request.MemberId) is { } dynamic
                ? FenceMember.Fence(group, [dynamic], left, rules)
                : ConsumerGroupHeartbeat.Refuse(MemberFaults.Unknown(group.Id, request.MemberId));
        }

        var error = MemberFaults.CheckStatic(group.FindStatic(instance), request.MemberId, instance);
        if (error.IsFailure)
            return ConsumerGroupHeartbeat.Refuse(error);
        var member = group.FindStatic(instance)!;
        return request.MemberEpoch == ConsumerMember.StaticLeaveEpoch
            ? LeaveForAWhile(group, member, left)
            : FenceMember.Fence(group, [member], left, rules);
    }

    /// <summary>The member keeps its partitions until its session ends: who comes back under its instance id meanwhile
    /// gets them.</summary>
    private static Decision<ConsumerGroupHeartbeatResponse, GroupRecord> LeaveForAWhile(
        ConsumerGroup group, ConsumerMember member, ConsumerGroupHeartbeatResponse left)
    {
        var draft = new GroupDraft(group);
        draft.Add(ConsumerRecords.CurrentOf(group.Id, member with
        {
            Epoch = ConsumerMember.StaticLeaveEpoch,
            Revoking = PartitionSet.Empty,
        }));
        if (member.State == MemberState.UnrevokedPartitions)
            draft.Do(ConsumerTimers.NoRevocation(group, member));
        return draft.Done(left);
    }
}
