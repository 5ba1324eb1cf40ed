using Barnabas.Base;

namespace Barnabas.Replication;

/// <summary>How far a follower has got, as its leader sees it. Owned by the partition's lane.</summary>
/// <param name="broker">The follower.</param>
/// <param name="caughtUpAt">When it last had all that the leader had, as a timestamp of the host's clock; null for a
/// follower that was not in sync when the leader began.</param>
internal sealed class FollowerProgress(BrokerId broker, long? caughtUpAt)
{
    private Offset _leaderEnd = Offset.None;
    private long _fetchedAt;

    /// <summary>The follower.</summary>
    public BrokerId Broker => broker;

    /// <summary>Where its log ends; -1 as long as it has fetched nothing in this epoch of the leader.</summary>
    public Offset End { get; private set; } = Offset.None;

    /// <summary>Where its log begins; -1 as long as it has fetched nothing in this epoch of the leader.</summary>
    public Offset LogStart { get; private set; } = Offset.None;

    /// <summary>When it last had all that the leader had, as a timestamp of the host's clock; null where it never
    /// had.</summary>
    public long? CaughtUpAt => caughtUpAt;

    /// <summary>The epoch of its broker's registration, as its last fetch told; -1 before that.</summary>
    public long BrokerEpoch { get; private set; } = -1;

    /// <summary>Takes note of a fetch.</summary>
    /// <param name="fetch">What it said.</param>
    /// <param name="leaderEnd">Where the leader's log ends.</param>
    /// <param name="now">A timestamp of the host's clock.</param>
    /// <returns>False where it comes from an earlier run of the follower's broker, and counts for nothing.</returns>
    public bool Fetched(in FollowerFetch fetch, Offset leaderEnd, long now)
    {
        if (fetch.BrokerEpoch >= 0 && fetch.BrokerEpoch < BrokerEpoch)
            return false;
        if (fetch.Offset >= leaderEnd)
            caughtUpAt = now;
        else if (_leaderEnd != Offset.None && fetch.Offset >= _leaderEnd)
            caughtUpAt = Math.Max(caughtUpAt ?? long.MinValue, _fetchedAt);
        (End, LogStart, BrokerEpoch) = (fetch.Offset, fetch.LogStart, fetch.BrokerEpoch);
        (_leaderEnd, _fetchedAt) = (leaderEnd, now);
        return true;
    }

    /// <summary>The leader appends at <paramref name="end"/>: who had all up to there was caught up until
    /// now.</summary>
    public void LeaderAppends(Offset end, long now)
    {
        if (End >= end)
            caughtUpAt = now;
    }

    /// <summary>True when it has all that the leader has, or had within <paramref name="limit"/>.</summary>
    /// <param name="leaderEnd">Where the leader's log ends.</param>
    /// <param name="now">A timestamp of the host's clock.</param>
    /// <param name="limit"><c>replica.lag.time.max.ms</c>, in units of the host's clock.</param>
    public bool IsCaughtUp(Offset leaderEnd, long now, long limit) =>
        End >= leaderEnd || (caughtUpAt is { } at && now - at <= limit);
}
