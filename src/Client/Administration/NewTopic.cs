using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Client;

/// <summary>A topic to be created.</summary>
/// <param name="name">Its name.</param>
/// <param name="partitions">How many partitions; -1 for the broker's default.</param>
/// <param name="replication">How many replicas each; -1 for the broker's default.</param>
public sealed class NewTopic(string name, int partitions = -1, short replication = -1)
{
    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>How many partitions; -1 for the broker's default.</summary>
    public int Partitions { get; } = partitions;

    /// <summary>How many replicas each partition has; -1 for the broker's default.</summary>
    public short Replication { get; } = replication;

    /// <summary>The brokers of each partition, the preferred leader first; empty to have the cluster choose.</summary>
    public IReadOnlyList<IReadOnlyList<BrokerId>> Assignments { get; init; } = [];

    /// <summary>Its configs.</summary>
    public Dictionary<string, string?> Configs { get; init; } = new(StringComparer.Ordinal);

    internal CreateTopicsRequest.CreatableTopic ToWire() => new()
    {
        Name = Name,
        NumPartitions = Assignments.Count > 0 ? -1 : Partitions,
        ReplicationFactor = Assignments.Count > 0 ? (short)-1 : Replication,
        Assignments =
        [
            .. Assignments.Select((brokers, index) => new CreateTopicsRequest.CreatableReplicaAssignment
            {
                PartitionIndex = index, BrokerIds = [.. brokers],
            }),
        ],
        Configs =
        [
            .. Configs.Select(c => new CreateTopicsRequest.CreatableTopicConfig { Name = c.Key, Value = c.Value }),
        ],
    };
}
