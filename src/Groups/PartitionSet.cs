using System.Collections.Immutable;
using System.Text;
using Barnabas.Base;

namespace Barnabas.Groups;

/// <summary>An immutable set of partitions, by topic: what a member owns, shall own, or has to give up.</summary>
/// <remarks>Compared as a value. The operations are linear in the sizes of both sides, and give back one of them where
/// nothing changes.</remarks>
public sealed class PartitionSet : IEquatable<PartitionSet>
{
    /// <summary>No partition.</summary>
    public static readonly PartitionSet Empty = new([]);

    private PartitionSet(ImmutableArray<TopicPartitions> topics)
    {
        Topics = topics;
        foreach (var topic in topics)
            Count += topic.Partitions.Length;
    }

    /// <summary>The topics in the order of their ids, each with at least one partition.</summary>
    public ImmutableArray<TopicPartitions> Topics { get; }

    /// <summary>How many partitions there are.</summary>
    public int Count { get; }

    /// <summary>True without any partition.</summary>
    public bool IsEmpty => Topics.IsEmpty;

    /// <summary>The set of all that is given: in any order, a topic and a partition as often as it likes.</summary>
    public static PartitionSet Of(IEnumerable<(TopicId Topic, int Partition)> partitions)
    {
        var byTopic = new SortedDictionary<TopicId, SortedSet<int>>();
        foreach (var (topic, partition) in partitions)
        {
            if (!byTopic.TryGetValue(topic, out var set))
                byTopic[topic] = set = [];
            set.Add(partition);
        }

        return Of([.. byTopic.Select(pair => new TopicPartitions(pair.Key, [.. pair.Value]))]);
    }

    /// <summary>The partitions of a topic, ascending; empty where there are none.</summary>
    public ImmutableArray<int> Of(TopicId topic)
    {
        var (low, high) = (0, Topics.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = Topics[middle].Topic.CompareTo(topic);
            if (order == 0)
                return Topics[middle].Partitions;
            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return [];
    }

    /// <summary>True when the partition is in the set.</summary>
    public bool Contains(TopicId topic, int partition) => Of(topic).BinarySearch(partition) >= 0;

    /// <summary>True when both have a partition in common.</summary>
    public bool Overlaps(PartitionSet other) => !Intersect(other).IsEmpty;

    /// <summary>True when every partition is in the other set too.</summary>
    public bool IsSubsetOf(PartitionSet other) => Except(other).IsEmpty;

    /// <summary>What is in either.</summary>
    public PartitionSet Union(PartitionSet other)
    {
        if (other.IsEmpty || ReferenceEquals(this, other))
            return this;
        if (IsEmpty)
            return other;
        var union = Topics.ToDictionary(topic => topic.Topic, topic => topic.Partitions);
        foreach (var (topic, partitions) in other.Topics)
            union[topic] = union.TryGetValue(topic, out var mine) ? Merge(mine, partitions) : partitions;
        return Of([.. union.Select(pair => new TopicPartitions(pair.Key, pair.Value)).OrderBy(pair => pair.Topic)]);
    }

    /// <summary>What is in both.</summary>
    public PartitionSet Intersect(PartitionSet other) =>
        Where((topic, partition) => other.Of(topic).BinarySearch(partition) >= 0);

    /// <summary>What is here and not in the other.</summary>
    public PartitionSet Except(PartitionSet other) => other.IsEmpty
        ? this
        : Where((topic, partition) => other.Of(topic).BinarySearch(partition) < 0);

    /// <summary>The partitions that a condition holds for.</summary>
    public PartitionSet Where(Func<TopicId, int, bool> condition)
    {
        var kept = ImmutableArray.CreateBuilder<TopicPartitions>(Topics.Length);
        var changed = false;
        foreach (var topic in Topics)
        {
            var partitions = topic.Partitions.RemoveAll(partition => !condition(topic.Topic, partition));
            changed |= partitions.Length != topic.Partitions.Length;
            if (!partitions.IsEmpty)
                kept.Add(topic with { Partitions = partitions });
        }

        return changed ? Of(kept.ToImmutable()) : this;
    }

    /// <inheritdoc/>
    public bool Equals(PartitionSet? other) =>
        other is not null && Count == other.Count && Topics.AsSpan().SequenceEqual(other.Topics.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PartitionSet);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var topic in Topics)
            hash.Add(topic);
        return hash.ToHashCode();
    }

    /// <summary>The topics with their partitions: <c>AAAAAAAAAAAAAAAAAAAAAQ[0,1]</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (topic, partitions) in Topics)
            text.Append(text.Length > 0 ? " " : "").Append(topic).Append('[').AppendJoin(',', partitions).Append(']');
        return text.ToString();
    }

    /// <summary>The set of topics that are sorted, each with sorted partitions.</summary>
    internal static PartitionSet Of(ImmutableArray<TopicPartitions> sorted) => sorted.IsEmpty ? Empty : new(sorted);

    private static ImmutableArray<int> Merge(ImmutableArray<int> a, ImmutableArray<int> b) =>
        [.. a.Concat(b).Order().Distinct()];
}
