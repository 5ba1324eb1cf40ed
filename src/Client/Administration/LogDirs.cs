using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>A directory in which a broker keeps logs (KIP-113).</summary>
/// <param name="Broker">The broker.</param>
/// <param name="Path">The directory, as the broker names it.</param>
/// <param name="Failure">Why it is out of service; null when it is not.</param>
/// <param name="Replicas">The replicas in it.</param>
public sealed record LogDirectory(
    BrokerId Broker, string Path, KafkaException? Failure, IReadOnlyList<StoredReplica> Replicas)
{
    /// <summary>The size of its volume in bytes; null where the broker does not say (KIP-827).</summary>
    public long? TotalBytes { get; init; }

    /// <summary>What is free on its volume in bytes; null where the broker does not say (KIP-827).</summary>
    public long? UsableBytes { get; init; }
}

/// <summary>A replica on a disk.</summary>
/// <param name="Partition">Of which partition.</param>
/// <param name="Size">The bytes of its segments.</param>
/// <param name="OffsetLag">How many records it is behind.</param>
/// <param name="IsFuture">True while it moves into this directory and another one still serves.</param>
public readonly record struct StoredReplica(TopicPartition Partition, long Size, long OffsetLag, bool IsFuture);
