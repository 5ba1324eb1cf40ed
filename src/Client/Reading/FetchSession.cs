using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Client;

/// <summary>The client's side of an incremental fetch session with one broker (KIP-227): a request names only the
/// partitions whose wish has changed. Owned by the client's lane.</summary>
internal sealed class FetchSession
{
    private readonly Dictionary<TopicPartition, Wish> _agreed = [];
    private Dictionary<TopicPartition, Wish> _asked = [];
    private int _id;
    private int _epoch;

    /// <summary>What is wanted of a partition.</summary>
    /// <param name="TopicId">The topic's id; zero where it has none.</param>
    /// <param name="Offset">The offset to fetch from.</param>
    /// <param name="Epoch">The leader's epoch as the client knows it.</param>
    /// <param name="MaxBytes">The most bytes.</param>
    public readonly record struct Wish(TopicId TopicId, Offset Offset, LeaderEpoch Epoch, int MaxBytes);

    /// <summary>True when the next request names every partition.</summary>
    public bool IsFull => _epoch == 0;

    /// <summary>Fills in what the request asks for: all, or what has changed since the last answer.</summary>
    public void Fill(FetchRequest request, Dictionary<TopicPartition, Wish> wishes)
    {
        (request.SessionId, request.SessionEpoch) = (_id, _epoch);
        _asked = wishes;
        var named = IsFull ? wishes : wishes.Where(w => !_agreed.TryGetValue(w.Key, out var known) || known != w.Value);
        foreach (var topic in named.GroupBy(w => (w.Key.Topic, w.Value.TopicId)))
            request.Topics.Add(Topic(topic.Key.Topic, topic.Key.TopicId, topic));
        if (IsFull)
            return;
        // A topic made anew under its name has another id: its old partitions leave the session under the old one.
        var gone = _agreed.Where(a => !wishes.TryGetValue(a.Key, out var wish) || wish.TopicId != a.Value.TopicId);
        foreach (var topic in gone.GroupBy(a => (a.Key.Topic, a.Value.TopicId)))
        {
            request.ForgottenTopicsData.Add(new FetchRequest.ForgottenTopic
            {
                Topic = topic.Key.Topic,
                TopicId = topic.Key.TopicId,
                Partitions = [.. topic.Select(a => a.Key.Partition)],
            });
        }
    }

    /// <summary>Takes in an answer.</summary>
    /// <returns>False where the broker refuses the session: nothing was fetched, and the next request names
    /// all.</returns>
    public bool Take(FetchResponse answer)
    {
        if (answer.ErrorCode != ErrorCode.None)
        {
            Reset(keepId: answer.ErrorCode != ErrorCode.FetchSessionIdNotFound);
            return false;
        }

        if (IsFull)
        {
            // The broker may have no room for a session; then every request names all.
            (_id, _epoch) = (answer.SessionId, answer.SessionId == 0 ? 0 : 1);
        }
        else
        {
            _epoch = _epoch == int.MaxValue ? 1 : _epoch + 1;
        }

        _agreed.Clear();
        foreach (var (partition, wish) in _asked)
            _agreed[partition] = wish;
        return true;
    }

    /// <summary>Begins anew: after a lost connection nobody knows what the broker has taken in.</summary>
    public void Reset(bool keepId = true)
    {
        // With its id and epoch 0 the old session is closed as the new one opens.
        (_id, _epoch) = (keepId ? _id : 0, 0);
        _agreed.Clear();
    }

    private static FetchRequest.FetchTopic Topic(
        string name, TopicId id, IEnumerable<KeyValuePair<TopicPartition, Wish>> partitions) => new()
        {
            Topic = name,
            TopicId = id,
            Partitions =
            [
                .. partitions.Select(p => new FetchRequest.FetchPartition
                {
                    Partition = p.Key.Partition,
                    FetchOffset = p.Value.Offset,
                    CurrentLeaderEpoch = p.Value.Epoch,
                    PartitionMaxBytes = p.Value.MaxBytes,
                }),
            ],
        };
}
