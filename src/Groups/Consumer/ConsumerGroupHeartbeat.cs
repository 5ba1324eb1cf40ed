using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Groups.Classic;
using Barnabas.Groups.Migration;
using Barnabas.Journal;
using Barnabas.Wire.Messages;

namespace Barnabas.Groups.Consumer;

/// <summary>A member joins a consumer group, keeps up with it, or leaves it (KIP-848).</summary>
public static class ConsumerGroupHeartbeat
{
    /// <summary>Decides on a heartbeat.</summary>
    /// <param name="membership">Who is in the group; null where nobody ever was.</param>
    /// <param name="request">The heartbeat.</param>
    /// <param name="context">What else counts.</param>
    public static Decision<ConsumerGroupHeartbeatResponse, GroupRecord> Decide(
        Membership? membership, ConsumerGroupHeartbeatRequest request, HeartbeatContext context)
    {
        var error = HeartbeatRules.Check(request, context.Version, context.Rules.Assignors);
        if (error.IsFailure)
            return Refuse(error);

        var joins = request.MemberEpoch == 0;
        if (membership is null && !joins)
            return Refuse(new(ErrorCode.GroupIdNotFound, $"Group {request.GroupId} not found."));
        if (membership is not (null or ConsumerGroup) && !(joins && membership is ClassicGroup))
            return Refuse(new(ErrorCode.GroupIdNotFound, $"Group {request.GroupId} is not a consumer group."));

        var group = membership as ConsumerGroup ?? ConsumerGroup.New(request.GroupId);
        if (request.MemberEpoch < 0)
            return LeaveConsumerGroup.Decide(group, request, context.Rules);

        var (draft, refused) = membership is ClassicGroup classic
            ? FromClassic(request.GroupId, classic, context.Rules)
            : (new GroupDraft(group), ApiError.None);
        return draft is null ? Refuse(refused) : new Heartbeat(draft, request, context).Decide();
    }

    private static (GroupDraft? Draft, ApiError Error) FromClassic(string id, ClassicGroup classic, GroupRules rules)
    {
        if (!classic.IsEmpty)
            return UpgradeGroup.Begin(id, classic, rules);
        var draft = new GroupDraft(ConsumerGroup.New(id));
        draft.AddBefore(ClassicRecords.Tombstone(id));
        foreach (var (pending, _) in classic.Pending)
            draft.Do(new StopTimer(new Classic.SessionTimer(id, pending)));
        return (draft, ApiError.None);
    }

    internal static ConsumerGroupHeartbeatResponse Refuse(ApiError error) =>
        new() { ErrorCode = error.Code, ErrorMessage = error.Message };
}
