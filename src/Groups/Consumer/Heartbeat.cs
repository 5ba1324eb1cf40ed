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
    // At most so often patterns are matched anew while topics come.
    private const long PatternRefreshMs = 10_000;
    private readonly ConsumerGroupConfig _config = context.Rules.ConsumerConfig(request.GroupId);
    private readonly ClusterView _cluster = context.Rules.Cluster;
    private readonly long _now = context.Rules.Now;

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

        var bump = Describe(member, updated) | RefreshPatterns();
        var hash = TopicHash.Of(draft.Group.Subscriptions.Select(topic => topic.Key), _cluster.State);
        if (bump || draft.Group.Epoch == 0 || hash != draft.Group.MetadataHash)
            draft.BeginEpoch(hash);
        if (draft.Group.Epoch > draft.Group.AssignmentEpoch)
            TargetAssignment.Make(draft, _cluster.State, context.Rules.Assignors);

        var before = draft.Group.Find(updated.MemberId)!;
        if (Reconciliation.Next(draft.Group, before, _owned) is not { } after)
        {
            return ConsumerGroupHeartbeat.Refuse(new(
                ErrorCode.FencedMemberEpoch,
                "The consumer group member is in a unknown state. The member must abandon all its partitions and "
                    + "rejoin."));
        }

        Record(before, after);
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
        return (Replace(holder), ApiError.None);
    }

    private ConsumerMember New() => new()
    {
        MemberId = request.MemberId.Length > 0 ? request.MemberId : context.NewMemberId,
    };

    /// <summary>Puts a new member in the place of a static one that left: it inherits what that owned and shall
    /// own.</summary>
    private ConsumerMember Replace(ConsumerMember holder)
    {
        var heir = holder with { MemberId = New().MemberId, Epoch = 0, PreviousEpoch = 0 };
        var target = draft.Group.TargetOf(holder.MemberId);
        draft.Remove(holder.MemberId);
        draft.Add(ConsumerRecords.Member(draft.Group.Id, heir));
        draft.Add(ConsumerRecords.TargetOf(draft.Group.Id, heir.MemberId, target));
        draft.Add(ConsumerRecords.CurrentOf(draft.Group.Id, heir));
        if (heir.MemberId != holder.MemberId)
            draft.Do(new StopTimer(new SessionTimer(draft.Group.Id, holder.MemberId)));
        return heir;
    }

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

    /// <summary>Records what the member says of itself, where that is new. True when it subscribes to something
    /// else.</summary>
    private bool Describe(ConsumerMember member, ConsumerMember updated)
    {
        var group = draft.Group;
        if (group.Members.ContainsKey(updated.MemberId) && updated.SaysTheSameAs(member))
            return false;
        draft.Add(ConsumerRecords.Member(group.Id, updated));
        if (member.Pattern is { } old && !draft.Group.PatternSubscriptions.ContainsKey(old))
            draft.Add(ConsumerRecords.NoPattern(group.Id, old));
        return !updated.SubscribesToTheSameAs(member) || updated.Pattern != member.Pattern;
    }

    /// <summary>Matches the patterns that were never matched, those that were before topics came, and those that were
    /// long ago. True when one matches other topics now.</summary>
    private bool RefreshPatterns()
    {
        var changed = false;
        foreach (var (pattern, _) in draft.Group.PatternSubscriptions)
        {
            var known = draft.Group.Patterns.TryGetValue(pattern, out var resolved) ? resolved : null;
            if (!IsDue(known) || !TopicPattern.TryRead(pattern, out var regex, out _))
                continue;
            var topics = regex.Matches(_cluster.State.Topics.Select(topic => topic.Key));
            changed |= known is null || !topics.SequenceEqual(known.Topics);
            draft.Add(ConsumerRecords.Pattern(draft.Group.Id, pattern, new(topics, _cluster.Offset, _now)));
        }

        return changed;
    }

    private bool IsDue(ResolvedPattern? known)
    {
        if (known is null)
            return true;
        var age = _now - known.Timestamp;
        return age > PatternRefreshMs
            && (known.Version < _cluster.NewTopicsAt || age > _config.PatternRefreshInterval.TotalMilliseconds);
    }

    private void Record(ConsumerMember before, ConsumerMember after)
    {
        if (after == before)
            return;
        draft.Add(ConsumerRecords.CurrentOf(draft.Group.Id, after));
        if (before.State == MemberState.UnrevokedPartitions)
            draft.Do(ConsumerTimers.NoRevocation(draft.Group, before));
        if (after.State == MemberState.UnrevokedPartitions)
            draft.Do(ConsumerTimers.Revocation(draft.Group, after, _config));
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
