namespace Barnabas.Base;

/// <summary>A partition of a topic, by name.</summary>
/// <param name="Topic">The topic's name.</param>
/// <param name="Partition">The partition's index, from 0.</param>
public readonly record struct TopicPartition(string Topic, int Partition) : IComparable<TopicPartition>
{
    /// <summary>Orders by name, ordinally, then by index.</summary>
    public int CompareTo(TopicPartition other)
    {
        var byTopic = string.CompareOrdinal(Topic, other.Topic);
        return byTopic != 0 ? byTopic : Partition.CompareTo(other.Partition);
    }

    /// <summary>The form of directory names: <c>orders-0</c>.</summary>
    public override string ToString() => $"{Topic}-{Partition}";
}
