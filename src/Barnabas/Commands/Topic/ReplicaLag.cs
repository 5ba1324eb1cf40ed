using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary>How far the replicas of a topic are behind: every broker that holds one is asked where that ends.</summary>
internal static class ReplicaLag
{
    /// <summary>The records each replica lacks of what its leader has; those of which nobody tells are left
    /// out.</summary>
    public static async Task<Dictionary<(TopicPartition Partition, BrokerId Broker), long>> FindAsync(
        Admin admin, TopicView topic, CancellationToken stop)
    {
        var ends = new Dictionary<(TopicPartition Partition, BrokerId Broker), Offset>();
        var serving = (await admin.DescribeClusterAsync(stop)).Brokers.Select(broker => broker.Id).ToHashSet();
        foreach (var broker in topic.Partitions.SelectMany(p => p.Replicas).Distinct().Where(serving.Contains).Order())
        {
            var held = topic.Partitions.Where(p => p.Replicas.Contains(broker))
                .Select(p => new TopicPartition(topic.Name, p.Index)).ToList();
            foreach (var (partition, end) in await EndsAsync(admin, broker, held, stop))
                ends[(partition, broker)] = end;
        }

        return topic.Partitions
            .SelectMany(
                p => p.Replicas, (p, replica) => (Of: new TopicPartition(topic.Name, p.Index), p.Leader, replica))
            .Where(p => ends.ContainsKey((p.Of, p.Leader)) && ends.ContainsKey((p.Of, p.replica)))
            .ToDictionary(
                p => (p.Of, p.replica), p => Math.Max(ends[(p.Of, p.Leader)] - ends[(p.Of, p.replica)], 0));
    }

    private static async Task<IReadOnlyDictionary<TopicPartition, Offset>> EndsAsync(
        Admin admin, BrokerId broker, List<TopicPartition> held, CancellationToken stop)
    {
        try
        {
            return await admin.ReplicaEndsAsync(broker, held, stop);
        }
        catch (KafkaException fault) when (fault.IsRetriable)
        {
            return new Dictionary<TopicPartition, Offset>();
        }
    }
}
