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
