using Barnabas.Base;
using Barnabas.Groups.Consumer;
using Barnabas.Groups.Migration;
using Barnabas.Journal;
using Barnabas.Wire.Messages;

namespace Barnabas.Groups.Classic;

/// <summary>A member asks for its share; the leader brings everybody's (KIP-345, KIP-559).</summary>
public static class SyncGroup
{
    /// <summary>Decides; no answer means that the member waits for the leader, or the leader for the disk.</summary>
    /// <param name="state">The groups.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="ticket">Who asks.</param>
    /// <param name="rules">What it is decided by.</param>
    public static Decision<SyncGroupResponse?, GroupRecord> Decide(
        GroupsState state, SyncGroupRequest request, Ticket ticket, GroupRules rules)
    {
        if (request.GroupId.Length == 0)
            return Refuse(ErrorCode.InvalidGroupId);
        var membership = state.Find(request.GroupId)?.Membership;
        if (membership is ConsumerGroup { IsEmpty: false } consumer)
            return ClassicMembers.Sync(consumer, request, rules);
        if (membership is not ClassicGroup group)
            return Refuse(ErrorCode.UnknownMemberId);
        var error = Check(group, request);
        if (error != ErrorCode.None)
            return Refuse(error);

        var change = new ClassicChange(request.GroupId, group, rules);
        Rebalance.Synced(change, request.MemberId);
        var member = change.Group.Members[request.MemberId];
        if (group.State == ClassicState.Stable)
            return change.Decide<SyncGroupResponse?>(ClassicAnswers.Share(change.Group, member));

        var told = change.AnswerSync(member, ErrorCode.RebalanceInProgress);
        change.Group = change.Group.With(told with { Syncing = ticket });
        if (group.Leader == request.MemberId)
            Assign(change, request);
        return change.Decide<SyncGroupResponse?>(null);
    }

    private static ErrorCode Check(ClassicGroup group, SyncGroupRequest request)
    {
        var error = group.Check(request.MemberId, request.GroupInstanceId);
        if (error != ErrorCode.None)
            return error;
        if (request.GenerationId != group.Generation)
            return ErrorCode.IllegalGeneration;
        if (Differ(request.ProtocolType, group.Type) || Differ(request.ProtocolName, group.Protocol))
            return ErrorCode.InconsistentGroupProtocol;
        return group.State switch
        {
            ClassicState.Empty => ErrorCode.UnknownMemberId,
            ClassicState.PreparingRebalance => ErrorCode.RebalanceInProgress,
            _ => ErrorCode.None,
        };
    }

    private static bool Differ(string? said, string? known) => said is not null && known is not null && said != known;

    private static void Assign(ClassicChange change, SyncGroupRequest request)
    {
        var shares = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        foreach (var share in request.Assignments)
            shares[share.MemberId] = share.Assignment.ToArray();
        change.Enter(ClassicState.Stable);
        var waiting = new List<ClassicMember>();
        foreach (var (id, member) in change.Group.Members)
        {
            var assigned = member with { Assignment = shares.GetValueOrDefault(id), Syncing = null };
            change.Group = change.Group.With(assigned);
            if (member.Syncing is not null)
                waiting.Add(assigned with { Syncing = member.Syncing });
        }

        change.Store();
        foreach (var member in waiting)
        {
            // Its heartbeats did not count while it waited.
            change.RenewSession(member);
            change.AnswerSync(member, ErrorCode.None);
        }
    }

    private static SyncGroupResponse Refuse(ErrorCode error) => new() { ErrorCode = error };
}
