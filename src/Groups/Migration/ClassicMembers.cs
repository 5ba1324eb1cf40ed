using Barnabas.Base;
using Barnabas.Groups.Classic;
using Barnabas.Groups.Consumer;
using Barnabas.Journal;
using Barnabas.Wire.Messages;

namespace Barnabas.Groups.Migration;

/// <summary>What members of the classic protocol ask of a group of the consumer protocol once they have joined it
/// (KIP-848).</summary>
internal static class ClassicMembers
{
    /// <summary>A member asks for its share. The coordinator has it: nobody waits for a leader.</summary>
    public static Decision<SyncGroupResponse?, GroupRecord> Sync(
        ConsumerGroup group, SyncGroupRequest request, GroupRules rules)
    {
        var (member, error) = Find(group, request.MemberId, request.GroupInstanceId, request.GenerationId);
        if (error != ErrorCode.None)
            return new SyncGroupResponse { ErrorCode = error };
        var protocol = member.Classic!.Protocols[0];
        if (request.ProtocolType is not (null or ClassicGroup.Consumers)
            || (request.ProtocolName is { } name && name != protocol.Name))
        {
            return new SyncGroupResponse { ErrorCode = ErrorCode.InconsistentGroupProtocol };
        }

        // One that has yet to give up partitions has joined already: it is told what it keeps, and joins again then.
        if (group.Epoch > member.Epoch && member.State != MemberState.UnrevokedPartitions)
        {
            return new(
                new SyncGroupResponse { ErrorCode = ErrorCode.RebalanceInProgress }, [], [Rejoin(group, member)]);
        }

        var share = new SyncGroupResponse
        {
            ProtocolType = request.ProtocolType,
            ProtocolName = request.ProtocolName,
            Assignment = EmbeddedProtocol.WriteAssignment(member.Assigned, rules.Cluster.State, protocol.Metadata),
        };
        return new(
            share, [],
            [
                new StopTimer(new ShareTimer(group.Id, member.MemberId)),
                ConsumerTimers.Session(group, member, rules.ConsumerConfig(group.Id)),
            ]);
    }

    /// <summary>A member says that it lives. It has to join again where the group has gone on without it, where it has
    /// to give up partitions, and where those it waits for are free.</summary>
    public static Decision<ErrorCode, GroupRecord> Beat(ConsumerGroup group, HeartbeatRequest request, GroupRules rules)
    {
        var (member, error) = Find(group, request.MemberId, request.GroupInstanceId, request.GenerationId);
        if (error != ErrorCode.None)
            return error;
        var session = ConsumerTimers.Session(group, member, rules.ConsumerConfig(group.Id));
        var rejoins = member.Epoch < group.Epoch
            || member.State == MemberState.UnrevokedPartitions
            || (member.State == MemberState.UnreleasedPartitions && !WaitsForOthers(group, member));
        return rejoins
            ? new(ErrorCode.RebalanceInProgress, [], [session, Rejoin(group, member)])
            : new(ErrorCode.None, [], [session]);
    }

    /// <summary>Members of either protocol leave, or are taken out by an administrator. Each has an outcome of its
    /// own.</summary>
    public static Decision<LeaveGroupResponse, GroupRecord> Leave(
        ConsumerGroup group, IReadOnlyList<LeaveGroupRequest.MemberIdentity> members, GroupRules rules)
    {
        var leaving = new Dictionary<string, ConsumerMember>(StringComparer.Ordinal);
        var answer = LeaveGroup.Answer(members, identity =>
        {
            var (member, error) = Find(group, identity);
            if (error == ErrorCode.None)
                leaving[member.MemberId] = member;
            return error;
        });
        return FenceMember.Fence(group, leaving.Values, answer, rules);
    }

    private static (ConsumerMember Member, ErrorCode Error) Find(
        ConsumerGroup group, string memberId, string? instanceId, int generation)
    {
        var member = instanceId is null ? group.Find(memberId) : group.FindStatic(instanceId);
        if (member is null)
            return (null!, ErrorCode.UnknownMemberId);
        if (member.MemberId != memberId)
            return (member, ErrorCode.FencedInstanceId);
        if (member.Classic is null)
            return (member, ErrorCode.UnknownMemberId);
        return (member, generation == member.Epoch ? ErrorCode.None : ErrorCode.IllegalGeneration);
    }

    private static (ConsumerMember Member, ErrorCode Error) Find(
        ConsumerGroup group, LeaveGroupRequest.MemberIdentity identity)
    {
        var member = identity.GroupInstanceId is { } instance
            ? group.FindStatic(instance)
            : group.Find(identity.MemberId);
        if (member is null)
            return (null!, ErrorCode.UnknownMemberId);
        // An administrator knows a static member by its name alone.
        var isAnother = identity.GroupInstanceId is not null
            && identity.MemberId.Length > 0 && identity.MemberId != member.MemberId;
        return (member, isAnother ? ErrorCode.FencedInstanceId : ErrorCode.None);
    }

    private static bool WaitsForOthers(ConsumerGroup group, ConsumerMember member) =>
        !group.TargetOf(member.MemberId).Except(member.Assigned)
            .Where((topic, partition) => group.Holders.ContainsKey((topic, partition))).IsEmpty;

    // From the first time on that it is told.
    private static StartTimer Rejoin(ConsumerGroup group, ConsumerMember member) => new(
        new RejoinTimer(group.Id, member.MemberId), member.RebalanceTimeout ?? member.Classic!.SessionTimeout);
}
