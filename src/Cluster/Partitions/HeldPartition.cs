namespace Barnabas.Cluster;

/// <summary>A partition, with the topic it is of.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Index">The partition's number.</param>
/// <param name="State">The partition.</param>
public readonly record struct HeldPartition(TopicState Topic, int Index, PartitionState State);
