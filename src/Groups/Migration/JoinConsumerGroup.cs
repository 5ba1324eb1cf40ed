using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Groups.Classic;
using Barnabas.Groups.Consumer;
using Barnabas.Journal;
using Barnabas.Wire.Messages;

namespace Barnabas.Groups.Migration;

/// <summary>A member of the classic protocol joins a group of the consumer protocol, or joins it again (KIP-848).
/// </summary>
/// <remarks>Nobody waits: the member is brought a step nearer to the target at once, as by a heartbeat, and is told its
/// epoch as the generation. It is never the leader, since the coordinator assigns.</remarks>
internal sealed class JoinConsumerGroup
{
    private const int FirstVersionWithGivenIds = 4;
    private readonly ConsumerGroup _group;
    private readonly JoinCommand _command;
    private readonly GroupRules _rules;
    private readonly string _memberId;
    private readonly GroupDraft _draft;
    private readonly MemberProgress _progress;

    private JoinConsumerGroup(ConsumerGroup group, JoinCommand command, GroupRules rules)
    {
        (_group, _command, _rules) = (group, command, rules);
        _memberId = command.MemberId.Length > 0 ? command.MemberId : command.NewMemberId;
        _draft = new(group);
        _progress = new(_draft, rules, PatternMatches.None);
    }

    private bool IsUnknown => _command.MemberId.Length == 0;

    /// <summary>Decides for a group that has members.</summary>
    public static Decision<JoinGroupResponse?, GroupRecord> Decide(
        ConsumerGroup group, JoinCommand command, GroupRules rules) =>
        new JoinConsumerGroup(group, command, rules).Decide();

    private Decision<JoinGroupResponse?, GroupRecord> Decide()
    {
        if (_group.Members.Count >= _rules.ConsumerConfig(_group.Id).MaxSize && _group.Find(_memberId) is null)
            return Refuse(ErrorCode.GroupMaxSizeReached);
        if (!_group.SupportsClassic(_command.Type, _command.Protocols)
            || EmbeddedProtocol.ReadSubscription(_command.Protocols[0].Metadata) is not { } subscription)
        {
            return Refuse(ErrorCode.InconsistentGroupProtocol);
        }

        if (IsUnknown && _command.InstanceId is null && _command.Version >= FirstVersionWithGivenIds)
            return ClassicAnswers.Refuse(ErrorCode.MemberIdRequired, _memberId);

        var replaced = _command.InstanceId is { } instance ? _group.FindStatic(instance) : null;
        var (member, error) = FindOrAdmit(replaced);
        if (error.IsFailure)
            return Refuse(error.Code);

        var updated = Update(member, subscription);
        var rebalances = _progress.BeginEpoch(_progress.Describe(member, updated));
        return replaced is { Classic: null } && DowngradeGroup.IsDue(_draft.Group, _rules)
            ? Downgrade(updated, subscription, rebalances)
            : Reconcile(updated, subscription);
    }

    private (ConsumerMember Member, ApiError Error) FindOrAdmit(ConsumerMember? holder)
    {
        var known = _group.Find(_memberId) ?? new() { MemberId = _memberId };
        if (_command.InstanceId is not { } instance)
            return (known, ApiError.None);
        if (IsUnknown)
            return (holder is null ? known : _progress.Replace(holder, _memberId), ApiError.None);
        return (holder!, MemberFaults.CheckStatic(holder, _memberId, instance));
    }

    /// <summary>The member with what it says of itself. It has no pattern: its client matches them itself.</summary>
    private ConsumerMember Update(ConsumerMember member, ConsumerProtocolSubscription subscription) => member with
    {
        InstanceId = _command.InstanceId ?? member.InstanceId,
        RackId = subscription.RackId is { Length: > 0 } rack ? rack : member.RackId,
        RebalanceTimeout = _command.RebalanceTimeout,
        Topics = ConsumerRecords.Names(subscription.Topics),
        Pattern = null,
        ClientId = _command.ClientId,
        ClientHost = _command.ClientHost,
        Classic = new(_command.SessionTimeout, [.. _command.Protocols]),
    };

    private Decision<JoinGroupResponse?, GroupRecord> Reconcile(
        ConsumerMember updated, ConsumerProtocolSubscription subscription)
    {
        _progress.MakeTarget();
        if (_progress.Reconcile(updated.MemberId, Owned(subscription)) is not { } after)
            return Refuse(ErrorCode.UnknownMemberId);
        var config = _rules.ConsumerConfig(_group.Id);
        _draft.Do(new StopTimer(new RejoinTimer(_group.Id, after.MemberId)));
        _draft.Do(ConsumerTimers.Session(_draft.Group, after, config));
        _draft.Do(new SetTimer(new ShareTimer(_group.Id, after.MemberId), _command.RebalanceTimeout));
        return _draft.Done<JoinGroupResponse?>(Answer(after));
    }

    /// <summary>It took the place of the last member of the consumer protocol: all of the group is of the classic one
    /// now.</summary>
    private Decision<JoinGroupResponse?, GroupRecord> Downgrade(
        ConsumerMember updated, ConsumerProtocolSubscription subscription, bool rebalances)
    {
        var after = rebalances ? updated : _progress.Reconcile(updated.MemberId, Owned(subscription)) ?? updated;
        return DowngradeGroup.Decide<JoinGroupResponse?>(_group, _draft.Group, rebalances, Answer(after), _rules);
    }

    private PartitionSet Owned(ConsumerProtocolSubscription subscription) => PartitionSet.Of(
        from topic in subscription.OwnedPartitions
        let known = _rules.Cluster.State.Topics.TryGetValue(topic.Topic, out var state) ? state : null
        where known is not null
        from partition in topic.Partitions
        select (known.Id, partition));

    private JoinGroupResponse Answer(ConsumerMember member) => new()
    {
        MemberId = member.MemberId,
        GenerationId = member.Epoch,
        ProtocolType = ClassicGroup.Consumers,
        ProtocolName = _command.Protocols[0].Name,
    };

    private JoinGroupResponse Refuse(ErrorCode error) => ClassicAnswers.Refuse(error, _command.MemberId);
}
