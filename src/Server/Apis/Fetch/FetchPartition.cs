using Barnabas.Base;
using Barnabas.Replication;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis.Fetch;

/// <summary>A partition as a fetch asks for it, and what its session last told the client of it.</summary>
/// <remarks>Owned by the connection's lane.</remarks>
internal sealed class FetchPartition
{
    /// <summary>The topic's name; empty where the client names topics by id.</summary>
    public required string Topic { get; init; }

    /// <summary>The topic's id; none where the client names topics by name.</summary>
    public required TopicId TopicId { get; init; }

    /// <summary>The partition's index.</summary>
    public required int Partition { get; init; }

    /// <summary>The first offset wanted.</summary>
    public Offset FetchOffset { get; private set; }

    /// <summary>The leader epoch the client believes in; none to skip the check (KIP-320).</summary>
    public LeaderEpoch CurrentLeaderEpoch { get; private set; }

    /// <summary>The epoch of the last record the client has; none to skip the check (KIP-595).</summary>
    public LeaderEpoch LastFetchedEpoch { get; private set; }

    /// <summary>The most bytes wanted of this partition.</summary>
    public int MaxBytes { get; private set; }

    /// <summary>Where a follower's log begins; none where a client asks, or does not say.</summary>
    public Offset LogStart { get; private set; }

    /// <summary>Who waits with a poll of its session; null without one.</summary>
    public SessionPoll? Poll { get; set; }

    /// <summary>What it was when it was read and had nothing to give, whether the client has heard of it or not; null
    /// where the last reading found anything else.</summary>
    public EmptyReading? Found { get; set; }

    /// <summary>True when the client has heard all there was at the last reading, and has asked for the same since:
    /// while the partition is as it was <see cref="Found"/> there is nothing to tell of it.</summary>
    public bool IsQuiet { get; private set; }

    private PartitionWatch? _watch;
    private Offset _toldHighWatermark = Offset.None;
    private Offset _toldLogStart = Offset.None;
    private bool _toldError;
    private (LeaderEpoch Epoch, Offset Offset, Offset LogStart) _noted =
        (LeaderEpoch.None, Offset.None, Offset.None);

    /// <summary>A partition as a request names it.</summary>
    public static FetchPartition Of(FetchRequest.FetchTopic topic, FetchRequest.FetchPartition asked)
    {
        var partition = new FetchPartition
        {
            Topic = topic.Topic,
            TopicId = topic.TopicId,
            Partition = asked.Partition,
        };
        partition.Update(asked);
        return partition;
    }

    /// <summary>Takes over what a later request of the session says.</summary>
    /// <remarks>Whoever comes to believe in another leader epoch may have dropped an answer that was on its way
    /// meanwhile: nothing it was told counts any more.</remarks>
    public void Update(FetchRequest.FetchPartition asked)
    {
        if (asked.CurrentLeaderEpoch != CurrentLeaderEpoch)
            (_toldHighWatermark, _toldLogStart) = (Offset.None, Offset.None);
        BeginReading();
        FetchOffset = asked.FetchOffset;
        CurrentLeaderEpoch = asked.CurrentLeaderEpoch;
        LastFetchedEpoch = asked.LastFetchedEpoch;
        MaxBytes = asked.PartitionMaxBytes;
        LogStart = asked.LogStartOffset;
    }

    /// <summary>True when the leader has to hear of a follower's fetch: it has got on, or is yet to be in
    /// sync.</summary>
    /// <remarks>An idle follower asks for the same again and again. Its leader knows that it has caught up until there
    /// is more to have.</remarks>
    public bool HasNewsOf(PartitionView view, FetchingReplica replica)
    {
        var now = (view.LeaderEpoch, FetchOffset, LogStart);
        if (_noted == now && view.Isr.Contains(replica.Id))
            return false;
        _noted = now;
        return true;
    }

    /// <summary>True when there is something that the follower should hear of without waiting for records: the log
    /// begins later than it was told.</summary>
    /// <param name="view">The partition.</param>
    /// <param name="withWatermark">True where it should hear at once of a higher watermark too, for consumers read
    /// from it (KIP-392).</param>
    public bool IsBehind(PartitionView view, bool withWatermark) =>
        (_toldLogStart != Offset.None && view.Log?.LogStart > _toldLogStart)
        || (withWatermark && _toldHighWatermark != Offset.None && view.HighWatermark > _toldHighWatermark);

    /// <summary>True when an incremental answer must mention the partition: records, an error, or offsets the client
    /// has not heard of (KIP-227).</summary>
    public bool IsNews(FetchResponse.PartitionData answer) =>
        answer.Records is { Length: > 0 }
        || answer.ErrorCode != ErrorCode.None
        || _toldError
        || answer.HighWatermark != _toldHighWatermark
        || answer.LogStartOffset != _toldLogStart
        || answer.DivergingEpoch.EndOffset != Offset.None
        || answer.PreferredReadReplica != BrokerId.None;

    /// <summary>It is read anew: what comes of that, the client has not heard.</summary>
    public void BeginReading() => (Found, IsQuiet) = (null, false);

    /// <summary>The client has heard all there was at the last reading.</summary>
    public void Heard() => IsQuiet = Found is not null;

    /// <summary>Sees to it that whoever waits with a poll of the session is woken when the partition is no longer as it
    /// was <paramref name="seen"/>.</summary>
    public void Watch(Partition partition, PartitionView seen)
    {
        // Under the same name there may be another partition than there was: a topic made anew.
        if (_watch?.Partition != partition)
        {
            Leave();
            _watch = new PartitionWatch(partition, Poll!);
        }

        _watch.Set(seen);
    }

    /// <summary>The session asks for it no more.</summary>
    public void Leave() => _watch?.Forget();

    /// <summary>Remembers what the client is being told.</summary>
    /// <remarks>Who hears that its log parts from the leader's cuts it, and takes nothing else from the
    /// answer.</remarks>
    public void Told(FetchResponse.PartitionData answer)
    {
        if (answer.DivergingEpoch.EndOffset != Offset.None)
        {
            (_toldHighWatermark, _toldLogStart, _toldError) = (Offset.None, Offset.None, false);
            return;
        }

        _toldHighWatermark = answer.HighWatermark;
        _toldLogStart = answer.LogStartOffset;
        _toldError = answer.ErrorCode != ErrorCode.None;
    }
}

/// <summary>A partition at whose end a reading began.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="View">What it was.</param>
/// <param name="ReadCommitted">Whether the reading ended at the last stable offset.</param>
/// <param name="FromFollowers">Whether the reader may read from a follower.</param>
internal sealed record EmptyReading(Partition Partition, PartitionView View, bool ReadCommitted, bool FromFollowers)
{
    /// <summary>True while another reading, by these terms, would find the same.</summary>
    public bool Holds(in FetchTerms terms) => ReferenceEquals(Partition.View, View) && terms.MayPassOver
        && ReadCommitted == terms.ReadCommitted && FromFollowers == terms.FromFollowers;
}
