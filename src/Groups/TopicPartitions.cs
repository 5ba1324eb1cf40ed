using System.Collections.Immutable;
using Barnabas.Base;

namespace Barnabas.Groups;

/// <summary>Partitions of one topic.</summary>
/// <param name="Topic">The topic's id.</param>
/// <param name="Partitions">Their numbers, ascending, without repetition.</param>
public readonly record struct TopicPartitions(TopicId Topic, ImmutableArray<int> Partitions)
{
    /// <summary>True for the same partitions of the same topic.</summary>
    public bool Equals(TopicPartitions other) =>
        Topic == other.Topic && Partitions.AsSpan().SequenceEqual(other.Partitions.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Topic);
        foreach (var partition in Partitions)
            hash.Add(partition);
        return hash.ToHashCode();
    }
}
