using System.Runtime.CompilerServices;
using Barnabas.Base;
using Barnabas.Cluster;

namespace Barnabas.Groups.Consumer;

/// <summary>A hash of topics, by which a group sees that one came, went, or got partitions or other racks.</summary>
/// <remarks>It is the same in every process: it is kept in records.</remarks>
internal static class TopicHash
{
    private const ulong Basis = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    // Topics are immutable and every heartbeat asks: what was hashed is kept as long as they are. No more than a
    // memory, it changes no answer.
    private static readonly ConditionalWeakTable<TopicState, Known> Memory = [];

    /// <summary>The hash of the topics of these names that there are; 0 for none.</summary>
    /// <param name="names">The names, in an order of their own.</param>
    /// <param name="cluster">The topics.</param>
    public static long Of(IEnumerable<string> names, ClusterState cluster)
    {
        var (hash, any) = (Basis, false);
        foreach (var name in names)
        {
            if (!cluster.Topics.TryGetValue(name, out var topic))
                continue;
            hash = Add(hash, Of(topic, cluster.Brokers));
            any = true;
        }

        return any ? Math.Max((long)(hash >> 1), 1) : 0;
    }

    private static ulong Of(TopicState topic, PersistentMap<BrokerId, BrokerState> brokers)
    {
        if (Memory.TryGetValue(topic, out var known) && ReferenceEquals(known.Brokers, brokers))
            return known.Hash;

        var hash = Add(Add(Add(Basis, topic.Id.Value.High), topic.Id.Value.Low), topic.Name);
        foreach (var (index, partition) in topic.Partitions)
        {
            hash = Add(hash, (ulong)index);
            var racks = partition.Replicas
                .Select(replica => brokers.TryGetValue(replica, out var broker) ? broker.Rack : null)
                .OfType<string>();
            foreach (var rack in racks.Order(StringComparer.Ordinal))
                hash = Add(hash, rack);
        }

        Memory.AddOrUpdate(topic, new(brokers, hash));
        return hash;
    }

    private static ulong Add(ulong hash, string text)
    {
        foreach (var letter in text)
            hash = (hash ^ letter) * Prime;
        return Add(hash, (ulong)text.Length);
    }

    private static ulong Add(ulong hash, ulong value)
    {
        for (var shift = 0; shift < 64; shift += 8)
            hash = (hash ^ (value >> shift & 0xff)) * Prime;
        return hash;
    }

    private sealed record Known(PersistentMap<BrokerId, BrokerState> Brokers, ulong Hash);
}
