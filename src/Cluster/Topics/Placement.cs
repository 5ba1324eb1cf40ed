using System.Collections.Immutable;
using Barnabas.Base;

namespace Barnabas.Cluster;

/// <summary>Chooses the replicas of new partitions: one a rack as far as there are racks, evenly over the brokers, the
/// first of each, its leader, evenly too.</summary>
/// <remarks>Every choice takes the broker with the least so far; chance breaks ties, so that small topics do not all
/// begin on the same broker, and followers of one leader differ from round to round.</remarks>
internal sealed class Placement
{
    private readonly RandomSource _random;
    private readonly Candidate[] _brokers;
    private readonly int _unfenced;

    private Placement(ClusterState state, RandomSource random, TopicState? topic)
    {
        _random = random;
        _brokers = [.. state.Brokers.Select(broker => new Candidate(broker.Value))];
        _unfenced = _brokers.Count(broker => !broker.Fenced);
        if (topic is not null)
            Count(topic);
    }

    /// <summary>The replicas of <paramref name="partitions"/> new partitions.</summary>
    /// <param name="state">The cluster.</param>
    /// <param name="partitions">How many.</param>
    /// <param name="replicationFactor">The replicas of each.</param>
    /// <param name="random">What breaks ties.</param>
    /// <param name="topic">The topic they are added to, so that those it has count; null for a new one.</param>
    /// <returns>A list a partition, its leader first; or why there is none.</returns>
    public static (IReadOnlyList<ImmutableArray<BrokerId>> Replicas, ApiError Error) Place(
        ClusterState state, int partitions, int replicationFactor, RandomSource random, TopicState? topic = null)
    {
        var placement = new Placement(state, random, topic);
        if (placement.Check(replicationFactor) is { } fault)
        {
            return ([], new ApiError(
                ErrorCode.InvalidReplicationFactor,
                $"Unable to replicate the partition {replicationFactor} time(s): {fault}"));
        }

        var replicas = new ImmutableArray<BrokerId>[partitions];
        for (var i = 0; i < partitions; i++)
        {
            if (i % placement._unfenced == 0)
                placement.Shuffle();
            replicas[i] = placement.Next(replicationFactor);
        }

        return (replicas, ApiError.None);
    }

    private void Count(TopicState topic)
    {
        var known = _brokers.ToDictionary(static broker => broker.Id);
        foreach (var (_, partition) in topic.Partitions)
        {
            foreach (var replica in partition.Replicas)
            {
                if (!known.TryGetValue(replica, out var broker))
                    continue;
                broker.Replicas++;
                if (replica == partition.Replicas[0])
                    broker.Leaders++;
            }
        }
    }

    private string? Check(int replicationFactor)
    {
        if (replicationFactor <= 0)
            return $"Invalid replication factor {replicationFactor}: the replication factor must be positive.";
        if (_unfenced == 0)
            return "All brokers are currently fenced.";
        return replicationFactor <= _brokers.Length
            ? null
            : $"The target replication factor of {replicationFactor} cannot be reached because only "
                + $"{_brokers.Length} broker(s) are registered.";
    }

    private ImmutableArray<BrokerId> Next(int replicationFactor)
    {
        var chosen = new List<Candidate>(replicationFactor);
        var leader = _brokers
            .Where(broker => !broker.Fenced)
            .MinBy(broker => (broker.Leaders, broker.Replicas, broker.Rank))!;
        leader.Leaders++;
        Take(leader);
        while (chosen.Count < replicationFactor)
        {
            Take(_brokers
                .Where(broker => !chosen.Contains(broker))
                .MinBy(broker => (InRack(broker.Rack), broker.Fenced, broker.Replicas, broker.Rank))!);
        }

        return [.. chosen.Select(broker => broker.Id)];

        void Take(Candidate broker)
        {
            broker.Replicas++;
            chosen.Add(broker);
        }

        // Brokers without a rack are all of one: they say nothing about where they stand.
        int InRack(string? rack) => chosen.Count(broker => broker.Rack == rack);
    }

    private void Shuffle()
    {
        for (var i = 0; i < _brokers.Length; i++)
            _brokers[i].Rank = i;
        for (var i = _brokers.Length - 1; i > 0; i--)
        {
            var other = _random.Next(i + 1);
            (_brokers[i].Rank, _brokers[other].Rank) = (_brokers[other].Rank, _brokers[i].Rank);
        }
    }

    private sealed class Candidate(BrokerState broker)
    {
        public BrokerId Id { get; } = broker.Id;

        public string? Rack { get; } = broker.Rack;

        public bool Fenced { get; } = !broker.IsActive;

        public int Rank { get; set; }

        public int Leaders { get; set; }

        public int Replicas { get; set; }
    }
}
