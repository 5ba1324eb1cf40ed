using Barnabas.Base;

namespace Barnabas.Cluster;

/// <summary>A topic as the cluster knows it.</summary>
/// <param name="Id">Its id for life.</param>
/// <param name="Name">Its name.</param>
/// <param name="Partitions">Its partitions by index, from 0 without gaps.</param>
public sealed record TopicState(TopicId Id, string Name, PersistentMap<int, PartitionState> Partitions)
{
    private static readonly PersistentMap<int, PartitionState> None = PersistentMap<int, PartitionState>.Empty();

    /// <summary>True for topics that hold the cluster's own state: clients that subscribe by pattern skip
    /// them.</summary>
    public bool IsInternal => TopicNames.IsInternal(Name);

    /// <summary>A topic without partitions, which come in records after it.</summary>
    internal static TopicState Of(TopicId id, string name) => new(id, name, None);
}
