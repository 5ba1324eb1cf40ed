namespace Barnabas.Client;

/// <summary>Kafka's assignors for classic groups.</summary>
public static class Assignors
{
    /// <summary>Topic by topic, neighbouring partitions to a member: those of two topics with as many partitions meet
    /// at the same member.</summary>
    public static IPartitionAssignor Range { get; } = new RangeAssignor();

    /// <summary>All partitions of all topics, in turn.</summary>
    public static IPartitionAssignor RoundRobin { get; } = new RoundRobinAssignor();

    /// <summary>As even as can be, and each partition where it was if that is even (KIP-54).</summary>
    public static IPartitionAssignor Sticky { get; } = new StickyAssignor();

    /// <summary>As <see cref="Sticky"/>, and members read on while they rebalance (KIP-429).</summary>
    public static IPartitionAssignor CooperativeSticky { get; } = new CooperativeStickyAssignor();

    /// <summary>The assignor of a name, or of the Java class that goes by it.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    internal static IPartitionAssignor Named(string name) => name switch
    {
        "range" or "org.apache.kafka.clients.consumer.RangeAssignor" => Range,
        "roundrobin" or "org.apache.kafka.clients.consumer.RoundRobinAssignor" => RoundRobin,
        "sticky" or "org.apache.kafka.clients.consumer.StickyAssignor" => Sticky,
        "cooperative-sticky" or "org.apache.kafka.clients.consumer.CooperativeStickyAssignor" => CooperativeSticky,
        _ => throw new FormatException(),
    };
}
