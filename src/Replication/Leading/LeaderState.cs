using System.Collections.Immutable;
using Barnabas.Base;
using Barnabas.Cluster;

namespace Barnabas.Replication;

/// <summary>What the leader of a partition knows of its replicas in one leader epoch, and what follows from that: the
/// high watermark, and who is in sync. Owned by the partition's lane.</summary>
/// <remarks>Source: KIP-497, KIP-841, KIP-903, KIP-966. It looks at no clock and asks nobody.</remarks>
internal sealed class LeaderState
{
    private readonly LeaderTerms _terms;
    private FollowerProgress[] _followers = [];

    /// <summary>A leader that begins: nothing is known of its followers yet.</summary>
    /// <param name="state">What the cluster decided.</param>
    /// <param name="start">Where its log ends.</param>
    /// <param name="terms">What it has to know of the rest of the cluster.</param>
    /// <param name="now">A timestamp of the host's clock.</param>
    public LeaderState(PartitionState state, Offset start, LeaderTerms terms, long now)
    {
        (_terms, Epoch, Start, PartitionEpoch) = (terms, state.LeaderEpoch, start, state.PartitionEpoch);
        (Replicas, Isr) = (state.Replicas, state.Isr);
        Meet(now);
    }

    /// <summary>The epoch it leads in.</summary>
    public LeaderEpoch Epoch { get; }

    /// <summary>Where the epoch begins in its log.</summary>
    public Offset Start { get; }

    /// <summary>The partition's epoch of which <see cref="Isr"/> is.</summary>
    public int PartitionEpoch { get; private set; }

    /// <summary>The brokers that hold the partition.</summary>
    public ImmutableArray<BrokerId> Replicas { get; private set; }

    /// <summary>The replicas in sync, as the cluster has decided.</summary>
    public ImmutableArray<BrokerId> Isr { get; private set; }

    /// <summary>The proposal that is on its way; null where there is none. Until the cluster's word is known it may
    /// count or not, and the leader acts so that either is right.</summary>
    public IsrProposal? Pending { get; set; }

    /// <summary>Takes over a later decision of the cluster in the same leader epoch.</summary>
    public void Renew(ImmutableArray<BrokerId> replicas, ImmutableArray<BrokerId> isr, int partitionEpoch, long now)
    {
        (Replicas, Isr, PartitionEpoch, Pending) = (replicas, isr, partitionEpoch, null);
        _followers = Array.FindAll(_followers, follower => replicas.Contains(follower.Broker));
        Meet(now);
    }

    /// <summary>Takes note of a follower's fetch.</summary>
    /// <returns>False where it counts for nothing: it is of another epoch, of no replica, or of an earlier run of the
    /// follower's broker.</returns>
    public bool Note(in FollowerFetch fetch, Offset end, long now) =>
        (fetch.LeaderEpoch == Epoch || _terms.Planted == PlantedBug.ReplicaFetchUnfenced)
        && Find(fetch.Replica) is { } follower
        && (IsCurrent(fetch) || _terms.Planted == PlantedBug.ZombieReplicaCounts)
        && follower.Fetched(fetch, end, now);

    /// <summary>The log is about to grow beyond <paramref name="end"/>.</summary>
    public void Appends(Offset end, long now)
    {
        foreach (var follower in _followers)
            follower.LeaderAppends(end, now);
    }

    /// <summary>True while there are too few in sync for anything to be committed (KIP-966). As with Kafka, a topic of
    /// two replicas satisfies three.</summary>
    public bool IsUnder(int minInSync) => Isr.Length < Math.Min(minInSync, Replicas.Length);

    /// <summary>Up to where everything is committed: what all in sync have, those included that are about to be in
    /// sync.</summary>
    /// <param name="own">What of the leader's log counts: up to its end, or up to what is on disk.</param>
    /// <param name="end">Where the leader's log ends.</param>
    /// <param name="minInSync"><c>min.insync.replicas</c>.</param>
    /// <param name="now">A timestamp of the host's clock.</param>
    /// <returns>Null where nothing can be committed now. It may lie below what was found before.</returns>
    public Offset? Committed(Offset own, Offset end, int minInSync, long now)
    {
        if (IsUnder(minInSync) && _terms.Planted != PlantedBug.MinIsrUnchecked)
            return null;
        var committed = own;
        foreach (var follower in _followers)
        {
            if (follower.End < committed && Counts(follower, end, now))
                committed = follower.End;
        }

        return committed < Offset.Zero ? null : committed;
    }

    /// <summary>Where the log begins of that replica, of those alive, that has the oldest records; -1 while one of them
    /// has not said (KIP-107).</summary>
    /// <param name="own">Where the leader's log begins.</param>
    public Offset LowWatermark(Offset own)
    {
        var low = own;
        foreach (var follower in _followers)
        {
            if (_terms.Cluster().Brokers.TryGetValue(follower.Broker, out var known) && !known.Fenced)
                low = Offset.Min(low, follower.LogStart);
        }

        return low;
    }

    /// <summary>Of some followers the one in sync whose log has an offset and reaches furthest; of several, who caught
    /// up last (KIP-392).</summary>
    /// <returns>Null where none has the offset.</returns>
    public BrokerId? Furthest(IReadOnlyList<BrokerId> among, Offset offset)
    {
        FollowerProgress? furthest = null;
        foreach (var follower in _followers)
        {
            if (among.Contains(follower.Broker) && Isr.Contains(follower.Broker) && follower.LogStart != Offset.None
                && follower.LogStart <= offset && offset <= follower.End
                && (furthest is null || Rank(follower).CompareTo(Rank(furthest)) > 0))
            {
                furthest = follower;
            }
        }

        return furthest?.Broker;

        static (Offset, long, BrokerId) Rank(FollowerProgress follower) =>
            (follower.End, follower.CaughtUpAt ?? long.MinValue, follower.Broker);
    }

    /// <summary>The proposal to take a follower in, where it has earned that and nothing else is on its way.</summary>
    /// <param name="topic">The topic's id.</param>
    /// <param name="partition">The partition's index.</param>
    /// <param name="broker">The follower.</param>
    /// <param name="highWatermark">The partition's high watermark.</param>
    public IsrProposal? Grow(TopicId topic, int partition, BrokerId broker, Offset highWatermark)
    {
        if (Pending is not null || Isr.Contains(broker) || Find(broker) is not { } follower)
            return null;
        // Below the start of its own epoch a leader cannot know what was committed before (KIP-966, I7).
        var hasCaughtUp = follower.End >= highWatermark && follower.End >= Start;
        if ((!hasCaughtUp && _terms.Planted != PlantedBug.IsrGrownEarly) || !IsEligible(follower))
            return null;
        return Propose(topic, partition, Isr.Add(broker));
    }

    /// <summary>The proposal to let go of the followers that have been behind for too long; null where there are none,
    /// or something else is on its way.</summary>
    public IsrProposal? Shrink(TopicId topic, int partition, Offset end, long now)
    {
        if (Pending is not null)
            return null;
        var kept = Isr.RemoveAll(
            broker => Find(broker) is { } follower && !follower.IsCaughtUp(end, now, _terms.LagLimit()));
        return kept.Length == Isr.Length ? null : Propose(topic, partition, kept);
    }

    // By hand: every fetch of a follower comes here, and a predicate would be an object each time.
    private FollowerProgress? Find(BrokerId broker)
    {
        foreach (var follower in _followers)
        {
            if (follower.Broker == broker)
                return follower;
        }

        return null;
    }

    /// <summary>Begins to watch followers that are new.</summary>
    private void Meet(long now)
    {
        foreach (var broker in Replicas)
        {
            if (broker != _terms.Self && Find(broker) is null)
                _followers = [.. _followers, new FollowerProgress(broker, Isr.Contains(broker) ? now : null)];
        }
    }

    private bool Counts(FollowerProgress follower, Offset end, long now)
    {
        if (_terms.Planted == PlantedBug.WatermarkIgnoresFollower)
            return false;
        if (Isr.Contains(follower.Broker) || Pending?.Contains(follower.Broker) == true)
            return true;
        // One that is about to join is waited for: else it might never catch up with a watermark that runs ahead.
        return follower.IsCaughtUp(end, now, _terms.LagLimit()) && IsEligible(follower);
    }

    private bool IsCurrent(in FollowerFetch fetch) =>
        fetch.BrokerEpoch < 0 || !_terms.Cluster().Brokers.TryGetValue(fetch.Replica, out var broker)
        || fetch.BrokerEpoch >= broker.Epoch;

    private bool IsEligible(FollowerProgress follower) =>
        _terms.Cluster().Brokers.TryGetValue(follower.Broker, out var broker) && broker.IsActive
        && (follower.BrokerEpoch < 0 || follower.BrokerEpoch == broker.Epoch);

    private IsrProposal Propose(TopicId topic, int partition, ImmutableArray<BrokerId> isr) =>
        new(topic, partition, Epoch, PartitionEpoch, [.. isr.Select(broker => (broker, EpochOf(broker)))]);

    private long EpochOf(BrokerId broker) => broker == _terms.Self
        ? _terms.BrokerEpoch()
        : Find(broker)?.BrokerEpoch ?? -1;
}
