using System.Collections.Frozen;
using System.Globalization;
using Barnabas.Base;

namespace Barnabas.Cluster.Configs;

/// <summary>The replicas of a topic that are copied under a quota (KIP-73), as
/// <c>leader.replication.throttled.replicas</c> and <c>follower.replication.throttled.replicas</c> name
/// them.</summary>
public sealed class ThrottledReplicas
{
    private const string Star = "*";
    private readonly FrozenSet<(int Partition, BrokerId Broker)>? _named;

    private ThrottledReplicas(FrozenSet<(int Partition, BrokerId Broker)>? named) => _named = named;

    /// <summary>No replica.</summary>
    public static ThrottledReplicas None { get; } = new(FrozenSet<(int Partition, BrokerId Broker)>.Empty);

    /// <summary>Every replica.</summary>
    public static ThrottledReplicas All { get; } = new(named: null);

    /// <summary>Reads a value that was checked: pairs of partition and broker, or the star for all.</summary>
    public static ThrottledReplicas From(IReadOnlyList<string> value)
    {
        if (value.Count == 0)
            return None;
        return value is [Star] ? All : new(value.Select(Replica).OfType<(int, BrokerId)>().ToFrozenSet());
    }

    /// <summary>True where a broker's replica of a partition is copied under a quota.</summary>
    public bool Contains(int partition, BrokerId broker) => _named?.Contains((partition, broker)) ?? true;

    // The form is checked when the value is set; numbers that are no int32 name no replica there could be.
    private static (int Partition, BrokerId Broker)? Replica(string pair)
    {
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && TryRead(pair.AsSpan(0, colon), out var partition)
            && TryRead(pair.AsSpan(colon + 1), out var broker)
                ? (partition, new BrokerId(broker))
                : null;
    }

    private static bool TryRead(ReadOnlySpan<char> digits, out int number) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
