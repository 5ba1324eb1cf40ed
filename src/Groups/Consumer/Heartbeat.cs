using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Wire.Messages;

namespace Barnabas.Groups.Consumer;

/// <summary>The heartbeat of a member that joins or stays: the member is brought up to date, then the group's epoch,
/// then the target assignment, and last the member is brought a step nearer to it.</summary>
internal sealed class Heartbeat(GroupDraft draft, ConsumerGroupHeartbeatRequest request, HeartbeatContext context)
{
    private readonly ConsumerGroupConfig _config = context.Rules.ConsumerConfig(request.GroupId);
    private readonly MemberProgress _progress = new(draft, context.Rules, context.Matches);

    private readonly PartitionSet? _owned = request.TopicPartitions is not { } owned ? null : PartitionSet.Of(
        owned.SelectMany(topic => topic.Partitions.Select(partition => (topic.TopicId, partition))));

    private bool Joins => request.MemberEpoch == 0;

    private bool IsFull => Joins
        || (request.RebalanceTimeoutMs != -1
            && (request.SubscribedTopicNames is not null || request.SubscribedTopicRegex is not null)
            && request.TopicPartitions is not null);

    public Decision<ConsumerGroupHeartbeatResponse, GroupRecord> Decide()
    {
        var (member, error) = FindOrAdmit();
        if (error.IsFailure)
            return ConsumerGroupHeartbeat.Refuse(error);
        var updated = Update(member);
        error = CheckPattern(updated);
        if (error.IsFailure)
            return ConsumerGroupHeartbeat.Refuse(error);

        _progress.BeginEpoch(_progress.Describe(member, updated));
        _progress.MakeTarget();
        if (_progress.Reconcile(updated.MemberId, _owned) is not { } after)
        {
            return ConsumerGroupHeartbeat.Refuse(new(
                ErrorCode.FencedMemberEpoch,
                "The consumer group member is in a unknown state. The member must abandon all its partitions and "
                    + "rejoin."));
        }

        if (member.Classic is not null)
            draft.Do(ConsumerTimers.NoneOfClassic(draft.Group.Id, member.MemberId));
        draft.Do(ConsumerTimers.Session(draft.Group, after, _config));
        return draft.Done(Answer(member, after));
    }

    /// <summary>The member that the heartbeat is from: as it was, or new.</summary>
    private (ConsumerMember Member, ApiError Error) FindOrAdmit()
    {
        var group = draft.Group;
        var known = group.Find(request.MemberId);
        var most = _config.MaxSize;
        if (group.Members.Count >= most && known is null)
        {
            return (null!, new(
                ErrorCode.GroupMaxSizeReached,
                $"The consumer group has reached its maximum capacity of {most} members."));
        }

        if (request.InstanceId is { } instance)
            return FindOrAdmitStatic(instance);
        if (known is null && Joins)
            return (New(), ApiError.None);
        return known is null
            ? (null!, MemberFaults.Unknown(group.Id, request.MemberId))
            : (known, MemberFaults.CheckEpoch(known, request.MemberEpoch, _owned));
    }

    private (ConsumerMember Member, ApiError Error) FindOrAdmitStatic(string instance)
    {
        var holder = draft.Group.FindStatic(instance);
        if (!Joins)
        {
            var error = MemberFaults.CheckStatic(holder, request.MemberId, instance);
            return (holder!, error.IsFailure ? error : MemberFaults.CheckEpoch(holder!, request.MemberEpoch, _owned));
        }

        if (holder is null)
            return (draft.Group.Find(request.MemberId) ?? New(), ApiError.None);
        if (holder.Epoch != ConsumerMember.StaticLeaveEpoch && holder.Classic is null)
            return (null!, MemberFaults.Unreleased(holder, request.MemberId, instance));
        return (_progress.Replace(holder, context.NewMemberId), ApiError.None);
    }

    private ConsumerMember New() => new()
    {
        MemberId = context.NewMemberId,
    };

    /// <summary>The member with what the heartbeat says of it; what it does not say stays.</summary>
    private ConsumerMember Update(ConsumerMember member) => member with
    {
        InstanceId = request.InstanceId ?? member.InstanceId,
        RackId = request.RackId ?? member.RackId,
        RebalanceTimeout = request.RebalanceTimeoutMs < 0
            ? member.RebalanceTimeout
            : TimeSpan.FromMilliseconds(request.RebalanceTimeoutMs),
        ServerAssignor = request.ServerAssignor ?? member.ServerAssignor,
        Topics = request.SubscribedTopicNames is { } names ? ConsumerRecords.Names(names) : member.Topics,
        Pattern = request.SubscribedTopicRegex switch
        {
            null => member.Pattern,
            "" => null,
            var pattern => pattern,
        },
        ClientId = context.ClientId,
        ClientHost = context.ClientHost,
        Classic = null,
    };

    private ApiError CheckPattern(ConsumerMember member)
    {
        if (member.Pattern is not { } pattern || draft.Group.PatternSubscriptions.ContainsKey(pattern))
            return ApiError.None;
        return TopicPattern.TryRead(pattern, out _, out var fault)
            ? ApiError.None
            : new(
                ErrorCode.InvalidRegularExpression,
                $"SubscribedTopicRegex `{pattern}` is not a valid regular expression: {fault}.");
    }

    /// <summary>What the member is told: its partitions where it asks for them or they change.</summary>
    private ConsumerGroupHeartbeatResponse Answer(ConsumerMember member, ConsumerMember after) => new()
    {
        MemberId = after.MemberId,
        MemberEpoch = after.Epoch,
        HeartbeatIntervalMs = (int)_config.HeartbeatInterval.TotalMilliseconds,
        Assignment = !IsFull && after.Assigned.Equals(member.Assigned) ? null : new()
        {
            TopicPartitions =
            [
                .. after.Assigned.Topics.Select(topic => new ConsumerGroupHeartbeatResponse.TopicPartitions
                {
                    TopicId = topic.Topic,
                    Partitions = [.. topic.Partitions],
                }),
            ],
        },
    };
}
