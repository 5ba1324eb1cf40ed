using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary>The quota under which replicas are copied to other brokers (KIP-73): set as kafka-reassign-partitions sets
/// it, and taken away when the moves are over.</summary>
internal static class MoveThrottle
{
    private const string LeaderRate = "leader.replication.throttled.rate";
    private const string FollowerRate = "follower.replication.throttled.rate";
    private const string LeaderReplicas = "leader.replication.throttled.replicas";
    private const string FollowerReplicas = "follower.replication.throttled.replicas";

    /// <summary>Whether the quota stays when nothing moves any more.</summary>
    public static readonly Option<bool> Preserve = new("--preserve-throttles")
    {
        Description = "leave the throttle as it is",
    };

    /// <summary>An option for the rate: bytes a second as <c>10MB</c>; null where it is not given.</summary>
    public static Option<long?> Rate() => new("--throttle")
    {
        Description = "let each broker copy no more than this in a second, as 10MB (as fast as may be)",
        HelpName = "BYTES",
        CustomParser = Parse,
    };

    /// <summary>Has replicas that are about to move be copied under a quota.</summary>
    /// <param name="admin">The cluster.</param>
    /// <param name="moves">The brokers that hold each partition, and those that are to.</param>
    /// <param name="rate">The quota of each broker, in bytes a second.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="KafkaException">The cluster refused, or did not answer.</exception>
    public static async Task SetAsync(
        Admin admin, IReadOnlyCollection<PlannedMove> moves, long rate, CancellationToken stop)
    {
        var under = await admin.ListReassignmentsAsync(stop);
        var all = moves.Concat(under
            .Where(moving => moves.All(move => move.Partition != moving.Partition))
            .Select(moving => new PlannedMove(
                moving.Partition, [.. moving.Replicas.Except(moving.Adding)],
                [.. moving.Replicas.Except(moving.Removing)])))
            .ToList();
        foreach (var topic in all.GroupBy(move => move.Partition.Topic))
        {
            await admin.AlterConfigsAsync(
                ConfigResource.Topic(topic.Key),
                [
                    new(LeaderReplicas, ConfigOperation.Set, Text(topic, static move => move.From)),
                    new(FollowerReplicas, ConfigOperation.Set, Text(topic, static move => move.To.Except(move.From))),
                ],
                stop: stop);
        }

        var text = rate.ToString(CultureInfo.InvariantCulture);
        var serving = (await admin.DescribeClusterAsync(stop)).Brokers.Select(broker => broker.Id);
        foreach (var broker in all.SelectMany(move => move.From.Union(move.To)).Distinct().Intersect(serving).Order())
        {
            await admin.AlterConfigsAsync(
                Of(broker),
                [new(LeaderRate, ConfigOperation.Set, text), new(FollowerRate, ConfigOperation.Set, text)],
                stop: stop);
        }
    }

    /// <summary>Takes the quotas of all brokers and topics away, where there are any and nothing moves.</summary>
    /// <returns>True where there were any, and they are gone.</returns>
    /// <exception cref="KafkaException">The cluster refused, or did not answer.</exception>
    public static async Task<bool> ClearAsync(Admin admin, CancellationToken stop)
    {
        if ((await admin.ListReassignmentsAsync(stop)).Count > 0)
            return false;
        var wasSet = false;
        foreach (var broker in (await admin.DescribeClusterAsync(stop)).Brokers)
        {
            wasSet |= await ClearAsync(
                admin, Of(broker.Id), [LeaderRate, FollowerRate], ConfigSource.DynamicBroker, stop);
        }

        if (!wasSet)
            return false;
        foreach (var topic in await admin.ListTopicsAsync(stop))
        {
            await ClearAsync(
                admin, ConfigResource.Topic(topic.Name), [LeaderReplicas, FollowerReplicas], ConfigSource.Topic, stop);
        }

        return true;
    }

    private static async Task<bool> ClearAsync(
        Admin admin, ConfigResource resource, IReadOnlyList<string> names, ConfigSource source, CancellationToken stop)
    {
        var set = (await admin.DescribeConfigsAsync(resource, names, stop: stop))
            .Where(config => config.Source == source)
            .Select(config => new ConfigChange(config.Name, ConfigOperation.Delete, null))
            .ToList();
        if (set.Count > 0)
            await admin.AlterConfigsAsync(resource, set, stop: stop);
        return set.Count > 0;
    }

    private static string Text(IEnumerable<PlannedMove> moves, Func<PlannedMove, IEnumerable<BrokerId>> replicas) =>
        string.Join(',', moves.SelectMany(
            move => replicas(move).Select(broker => $"{move.Partition.Partition}:{broker}")));

    private static ConfigResource Of(BrokerId broker) =>
        new(ConfigResourceType.Broker, broker.Value.ToString(CultureInfo.InvariantCulture));

    private static long? Parse(ArgumentResult result)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (Sizes.TryParse(text, out var bytes) && bytes > 0)
            return bytes;
        result.AddError($"'{text}' is no rate: bytes a second such as 10MB are");
        return null;
    }
}

/// <summary>A partition that is to be held by other brokers.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="From">Who holds it.</param>
/// <param name="To">Who is to hold it, the preferred leader first.</param>
internal sealed record PlannedMove(
    TopicPartition Partition, IReadOnlyList<BrokerId> From, IReadOnlyList<BrokerId> To);
