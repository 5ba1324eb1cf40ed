using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Groups.Classic;
using Barnabas.Groups.Consumer;
using Barnabas.Journal;
using Barnabas.Wire.Messages;

namespace Barnabas.Groups.Migration;

/// <summary>A classic group becomes one of the consumer protocol when the first member that speaks it joins (KIP-848).
/// </summary>
/// <remarks>Its members stay, with what they were assigned last, in an epoch that is their generation; whoever waits
/// for a rebalance of theirs is told to join again.</remarks>
internal static class UpgradeGroup
{
    /// <summary>Changes a group that has members.</summary>
    /// <param name="id">The group.</param>
    /// <param name="classic">As it is.</param>
    /// <param name="rules">What it is decided by.</param>
    /// <returns>The decision so far: the group as it will be; or GROUP_ID_NOT_FOUND and why it stays as it is.
    /// </returns>
    public static (GroupDraft? Draft, ApiError Error) Begin(string id, ClassicGroup classic, GroupRules rules)
    {
        var config = rules.ConsumerConfig(id);
        if (!config.MayUpgrade)
            return Refuse(id, "online upgrade is disabled");
        if (classic.Type != ClassicGroup.Consumers)
            return Refuse(id, "the group does not use the consumer embedded protocol");
        if (classic.Members.Count > config.MaxSize)
            return Refuse(id, "the group size exceeds the consumer group maximum size");

        var draft = new GroupDraft(ConsumerGroup.New(id));
        draft.AddBefore(ClassicRecords.Tombstone(id));
        foreach (var (_, member) in classic.Members)
        {
            var metadata = classic.Protocol is { } protocol ? member.MetadataFor(protocol) : default;
            if (metadata.IsEmpty)
                metadata = member.Protocols[0].Metadata;
            if (EmbeddedProtocol.ReadSubscription(metadata) is not { } subscription)
                return Refuse(id, "the embedded consumer protocol is malformed");
            var assignment = member.Assignment.IsEmpty
                ? new ConsumerProtocolAssignment()
                : EmbeddedProtocol.ReadAssignment(member.Assignment);
            if (assignment is null)
                return Refuse(id, "the embedded consumer protocol is malformed");
            if (assignment.UserData is { IsEmpty: false })
            {
                return Refuse(
                    id, "an unsupported custom assignor is in use. Please refer to the documentation or switch to a "
                        + "default assignor before re-attempting the upgrade");
            }

            Move(draft, classic, member, subscription, Named(assignment, rules.Cluster.State));
        }

        // The hash of no topics: whoever changes the group begins the next epoch, and the target is made anew.
        draft.Add(ConsumerRecords.Group(id, classic.Generation, metadataHash: 0));
        draft.Add(ConsumerRecords.AssignmentEpoch(id, classic.Generation));
        Part(draft, id, classic, config);
        return (draft, ApiError.None);
    }

    private static void Move(
        GroupDraft draft, ClassicGroup classic, ClassicMember member, ConsumerProtocolSubscription subscription,
        PartitionSet assigned)
    {
        var moved = new ConsumerMember
        {
            MemberId = member.Id,
            InstanceId = member.InstanceId,
            RackId = subscription.RackId is { Length: > 0 } rack ? rack : null,
            ClientId = member.ClientId,
            ClientHost = member.ClientHost,
            RebalanceTimeout = member.RebalanceTimeout,
            Topics = ConsumerRecords.Names(subscription.Topics),
            Classic = new(member.SessionTimeout, [.. member.Protocols]),
            Epoch = classic.Generation,
            PreviousEpoch = classic.Generation,
            // An assignor of a client may have been wrong: a partition has one owner here.
            Assigned = assigned.Where((topic, partition) => !draft.Group.Holders.ContainsKey((topic, partition))),
        };
        draft.Add(ConsumerRecords.Member(draft.Group.Id, moved));
        draft.Add(ConsumerRecords.TargetOf(draft.Group.Id, moved.MemberId, moved.Assigned));
        draft.Add(ConsumerRecords.CurrentOf(draft.Group.Id, moved));
    }

    /// <summary>Ends what the classic group waited for.</summary>
    private static void Part(GroupDraft draft, string id, ClassicGroup classic, ConsumerGroupConfig config)
    {
        foreach (var (memberId, member) in classic.Members)
        {
            if (member.Joining is { } joining)
                draft.Do(new Reply(joining, ClassicAnswers.Refuse(ErrorCode.RebalanceInProgress, memberId)));
            if (member.Syncing is { } syncing)
                draft.Do(new Reply(syncing, new SyncGroupResponse { ErrorCode = ErrorCode.RebalanceInProgress }));
            draft.Do(new StopTimer(new Classic.SessionTimer(id, memberId)));
            draft.Do(ConsumerTimers.Session(draft.Group, draft.Group.Find(memberId)!, config));
        }

        foreach (var (pending, _) in classic.Pending)
            draft.Do(new StopTimer(new Classic.SessionTimer(id, pending)));
        draft.Do(new StopTimer(new JoinTimer(id)));
        draft.Do(new StopTimer(new SyncTimer(id)));
    }

    private static PartitionSet Named(ConsumerProtocolAssignment assignment, ClusterState cluster) => PartitionSet.Of(
        from topic in assignment.AssignedPartitions
        let known = cluster.Topics.TryGetValue(topic.Topic, out var state) ? state : null
        where known is not null
        from partition in topic.Partitions
        select (known.Id, partition));

    private static (GroupDraft? Draft, ApiError Error) Refuse(string id, string why) => (null, new(
        ErrorCode.GroupIdNotFound, $"Cannot upgrade classic group {id} to consumer group because {why}."));
}
