using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Replication;

/// <summary>A fetch session as the follower keeps it: what the leader knows already need not be said again
/// (KIP-227). Owned by the lane of its loop.</summary>
internal sealed class FollowerSession
{
    private const int FirstEpoch = 0;
    private readonly Dictionary<(TopicId Topic, int Partition), FetchPosition> _known = [];
    private int _id;
    private int _epoch;

    /// <summary>True once the session is lost, or in doubt: the next request begins another.</summary>
    public bool IsLost { get; set; }

    /// <summary>The part of a request that says what is wanted: all of it, or what has changed.</summary>
    /// <param name="wanted">The partitions by topic id and index, and where each stands.</param>
    /// <param name="maxBytes"><c>replica.fetch.max.bytes</c>: the most of each.</param>
    public FetchRequest Ask(
        Dictionary<(TopicId Topic, int Index), (Partition Partition, FetchPosition Position)> wanted, int maxBytes)
    {
        if (IsLost)
            (_id, _epoch, IsLost) = (0, FirstEpoch, false);
        var request = new FetchRequest { SessionId = _id, SessionEpoch = _epoch };
        if (_epoch == FirstEpoch)
            _known.Clear();
        foreach (var (key, (_, position)) in wanted)
        {
            if (_known.TryGetValue(key, out var told) && told == position)
                continue;
            _known[key] = position;
            Add(request, key, position, maxBytes);
        }

        if (_known.Count > wanted.Count)
            Forget(request, wanted.ContainsKey);
        return request;
    }

    /// <summary>The leader has answered.</summary>
    /// <param name="id">The session it names; 0 where it keeps none.</param>
    public void Answered(int id) => (_epoch, _id) = (id == 0 ? FirstEpoch : Next(_epoch), id);

    private static int Next(int epoch) => epoch == int.MaxValue ? 1 : epoch + 1;

    private void Forget(FetchRequest request, Func<(TopicId Topic, int Index), bool> isWanted)
    {
        foreach (var key in _known.Keys.Where(key => !isWanted(key)).ToList())
        {
            _known.Remove(key);
            var topics = request.ForgottenTopicsData;
            if (topics.Count == 0 || topics[^1].TopicId != key.Topic)
                topics.Add(new() { TopicId = key.Topic });
            topics[^1].Partitions.Add(key.Partition);
        }
    }

    private static void Add(
        FetchRequest request, (TopicId Topic, int Partition) key, FetchPosition position, int maxBytes)
    {
        if (request.Topics.Count == 0 || request.Topics[^1].TopicId != key.Topic)
            request.Topics.Add(new() { TopicId = key.Topic });
        request.Topics[^1].Partitions.Add(new FetchRequest.FetchPartition
        {
            Partition = key.Partition,
            CurrentLeaderEpoch = position.LeaderEpoch,
            FetchOffset = position.Offset,
            LastFetchedEpoch = position.LastEpoch,
            LogStartOffset = position.LogStart,
            PartitionMaxBytes = maxBytes,
        });
    }
}
