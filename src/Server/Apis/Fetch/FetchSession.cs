using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis.Fetch;

/// <summary>What a client fetches again and again, so that its requests and answers carry changes only
/// (KIP-227).</summary>
/// <remarks>A session belongs to one connection and is owned by its lane: it ends with the connection, and a client
/// that comes back on another one is told so and begins anew, as after an eviction.</remarks>
/// <param name="id">The session's id; never 0.</param>
/// <param name="namesById">True when the client names topics by id.</param>
/// <param name="closed">Cancelled when the connection is.</param>
internal sealed class FetchSession(int id, bool namesById, CancellationToken closed)
{
    private readonly Dictionary<(string, TopicId, int), LinkedListNode<FetchPartition>> _byKey = [];
    private readonly LinkedList<FetchPartition> _inTurn = new();

    /// <summary>The session's id; never 0.</summary>
    public int Id { get; } = id;

    /// <summary>The epoch the next request must carry.</summary>
    public int NextEpoch { get; private set; } = 1;

    /// <summary>True when the client names topics by id; it may not change its mind within a session.</summary>
    public bool NamesById { get; } = namesById;

    /// <summary>The partitions, those that have waited longest for their turn first.</summary>
    public IEnumerable<FetchPartition> InTurn => _inTurn;

    /// <summary>How many partitions there are.</summary>
    public int Count => _byKey.Count;

    /// <summary>Who waits with a poll of it.</summary>
    public SessionPoll Poll { get; } = new(closed);

    /// <summary>Adds, changes and forgets partitions as a request says.</summary>
    public void Update(FetchRequest request)
    {
        foreach (var topic in request.Topics)
        {
            foreach (var asked in topic.Partitions)
            {
                if (_byKey.TryGetValue((topic.Topic, topic.TopicId, asked.Partition), out var known))
                    known.Value.Update(asked);
                else
                    Add(FetchPartition.Of(topic, asked));
            }
        }

        // Last, as in Apache Kafka: what a request both names and forgets is forgotten.
        foreach (var topic in request.ForgottenTopicsData)
        {
            foreach (var partition in topic.Partitions)
                Forget((topic.Topic, topic.TopicId, partition));
        }
    }

    /// <summary>Counts a request answered: epochs go from 1 to 2^31-1 and then begin at 1 again.</summary>
    public void Advance() => NextEpoch = NextEpoch == int.MaxValue ? 1 : NextEpoch + 1;

    /// <summary>Sends a partition that has had its turn to the end of the line.</summary>
    public void Served(FetchPartition partition)
    {
        var node = _byKey[(partition.Topic, partition.TopicId, partition.Partition)];
        _inTurn.Remove(node);
        _inTurn.AddLast(node);
    }

    private void Add(FetchPartition partition)
    {
        partition.Poll = Poll;
        _byKey.Add((partition.Topic, partition.TopicId, partition.Partition), _inTurn.AddLast(partition));
    }

    private void Forget((string, TopicId, int) key)
    {
        if (!_byKey.Remove(key, out var node))
            return;
        _inTurn.Remove(node);
        node.Value.Leave();
    }
}
