using Barnabas.Base;

namespace Barnabas.Bench;

/// <summary>A partition under load, and the broker that leads it.</summary>
/// <param name="Topic">The topic's name.</param>
/// <param name="TopicId">The topic's id; zero where the broker is too old to say.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Host">The leader's host.</param>
/// <param name="Port">The leader's port.</param>
/// <param name="Begin">The partition's first offset.</param>
/// <param name="End">The offset after its last record, as the run begins.</param>
public sealed record Target(
    string Topic, TopicId TopicId, int Partition, string Host, int Port, Offset Begin, Offset End)
{
    /// <summary>Deals partitions out to connections: each leader gets its share of connections, and each
    /// connection a share of the leader's partitions, or one of them together with others.</summary>
    public static IReadOnlyList<IReadOnlyList<Target>> Deal(IReadOnlyList<Target> targets, int connections)
    {
        var leaders = targets.GroupBy(static one => (one.Host, one.Port)).Select(static one => one.ToList()).ToList();
        var lanes = new List<IReadOnlyList<Target>>();
        for (var at = 0; at < Math.Max(connections, leaders.Count); at++)
        {
            var led = leaders[at % leaders.Count];
            var (own, all) = (at / leaders.Count, Share(at % leaders.Count, leaders.Count, connections));
            lanes.Add(all > led.Count ? [led[own % led.Count]] : [.. led.Where((_, i) => i % all == own)]);
        }

        return lanes;
    }

    private static int Share(int leader, int leaders, int connections) =>
        Math.Max(1, (connections / leaders) + (leader < connections % leaders ? 1 : 0));
}
