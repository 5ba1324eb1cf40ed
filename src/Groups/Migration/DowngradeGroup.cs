using Barnabas.Groups.Classic;
using Barnabas.Groups.Consumer;
using Barnabas.Journal;

namespace Barnabas.Groups.Migration;

/// <summary>A consumer group becomes a classic one when its last member of the consumer protocol is gone and others are
/// left (KIP-848).</summary>
/// <remarks>The shares that its members begin with are what they may own yet, not their targets: those may still be
/// with others, and the group may change back before all have joined again.</remarks>
internal static class DowngradeGroup
{
    /// <summary>True when the group is to become a classic one.</summary>
    /// <param name="group">The group with the members that stay, at least one of which was of the consumer protocol
    /// until now.</param>
    /// <param name="rules">What it is decided by.</param>
    public static bool IsDue(ConsumerGroup group, GroupRules rules) =>
        !group.IsEmpty
        && group.Members.All(member => member.Value.Classic is not null)
        && rules.ConsumerConfig(group.Id).MayDowngrade
        && group.Members.Count <= rules.Config.MaxSize;

    /// <summary>Changes the group.</summary>
    /// <param name="before">The group as it is kept.</param>
    /// <param name="after">The group with the members that stay, all of the classic protocol.</param>
    /// <param name="rebalances">True when they have to share anew; they have to in any case where one of them is not
    /// there yet.</param>
    /// <param name="answer">What whoever brought it about is told.</param>
    /// <param name="rules">What it is decided by.</param>
    public static Decision<TAnswer, GroupRecord> Decide<TAnswer>(
        ConsumerGroup before, ConsumerGroup after, bool rebalances, TAnswer answer, GroupRules rules)
    {
        // A change from nothing: all of the group is new to the shard.
        var change = new ClassicChange(before.Id, new ClassicGroup(), rules)
        {
            Group = Convert(after, rules),
        };
        change.Store();
        foreach (var (_, member) in change.Group.Members)
            change.RenewSession(member);
        if (rebalances || !after.Members.All(member => member.Value.IsReconciledTo(after.Epoch)))
            Rebalance.Begin(change);

        var decision = change.Decide(answer);
        var stops = before.Members.SelectMany(member => ConsumerTimers.AllStopped(before.Id, member.Value));
        return new(answer, [.. before.Tombstones(), .. decision.Records], [.. stops, .. decision.Effects]);
    }

    private static ClassicGroup Convert(ConsumerGroup group, GroupRules rules)
    {
        var classic = new ClassicGroup
        {
            State = ClassicState.Stable,
            StateSince = rules.Now,
            Type = ClassicGroup.Consumers,
            Generation = group.Epoch,
        };
        foreach (var (id, member) in group.Members)
        {
            classic = classic.With(new ClassicMember
            {
                Id = id,
                InstanceId = member.InstanceId,
                ClientId = member.ClientId,
                ClientHost = member.ClientHost,
                RebalanceTimeout = member.RebalanceTimeout ?? member.Classic!.SessionTimeout,
                SessionTimeout = member.Classic!.SessionTimeout,
                Protocols = member.Classic.Protocols,
            });
        }

        classic = classic with { Protocol = classic.Vote() };
        foreach (var (id, member) in classic.Members)
        {
            classic = classic.With(member with
            {
                Assignment = EmbeddedProtocol.WriteAssignment(
                    group.Members[id].Held, rules.Cluster.State, member.MetadataFor(classic.Protocol)),
            });
        }

        return classic with { Topics = Subscriptions.TopicsOf(classic) };
    }
}
