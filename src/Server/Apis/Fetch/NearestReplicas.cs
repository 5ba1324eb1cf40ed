using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Replication;

namespace Barnabas.Server.Apis.Fetch;

/// <summary>Finds a replica in the rack of a consumer, which then reads from that instead of the leader
/// (KIP-392).</summary>
/// <remarks>As Apache Kafka's RackAwareReplicaSelector does: of the replicas in sync that stand in the consumer's rack
/// and have the offset it asks for, the one that is furthest. A leader in that rack serves the consumer
/// itself.</remarks>
/// <param name="broker">What the handlers work with.</param>
/// <param name="listener">The listener the consumer came by, by which it has to reach the replica too.</param>
/// <param name="rack">Where the consumer stands.</param>
internal sealed class NearestReplicas(Broker broker, string listener, string rack)
{
    /// <summary>The first version of a fetch that says where the consumer stands, and by which followers serve
    /// it.</summary>
    public const short FirstVersion = 11;

    private readonly ClusterState _state = broker.State;

    /// <summary>The replicas that some partitions of a fetch are better read from; partitions without such are
    /// absent.</summary>
    public async Task<IReadOnlyDictionary<FetchPartition, BrokerId>> FindAsync(IEnumerable<FetchPartition> fetched)
    {
        var found = new Dictionary<FetchPartition, BrokerId>();
        if (IsNear(broker.Id))
            return found;
        foreach (var asked in fetched.ToList())
        {
            broker.Topics.Find(asked.Topic, asked.TopicId, asked.Partition, out var partition);
            if (partition?.View is not { Role: PartitionRole.Leader } view)
                continue;
            var near = view.Isr.Where(replica => replica != broker.Id && IsNear(replica)).ToList();
            if (near.Count > 0 && await partition.FurthestAsync(near, asked.FetchOffset) is { } nearest)
                found[asked] = nearest;
        }

        return found;
    }

    private bool IsNear(BrokerId id) => _state.Brokers.TryGetValue(id, out var known) && known.Rack == rack
        && !known.Fenced && known.EndpointOf(listener) is not null;
}
