using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Client;

/// <summary>Chooses the partition of a record that names none. Used from several threads at once.</summary>
public interface IPartitioner
{
    /// <summary>The partition's index.</summary>
    /// <param name="topic">The topic, which has at least one partition.</param>
    /// <param name="key">The key; null for none.</param>
    /// <param name="size">About how many bytes the record has.</param>
    int Partition(TopicView topic, NullableBytes key, int size);
}

/// <summary>What a partitioner is made with.</summary>
/// <param name="Random">The client's source of chance.</param>
/// <param name="BatchSize">At how many bytes a batch is full.</param>
public sealed record PartitionerContext(RandomSource Random, int BatchSize);

/// <summary>The partitioners of the house; each producer makes its own from one of these.</summary>
public static class Partitioners
{
    /// <summary>By the key's murmur2 as Java's client; without a key, batch by batch at random (KIP-794).</summary>
    public static Func<PartitionerContext, IPartitioner> Default { get; } =
        static context => new KeyedPartitioner(new StickyPartitioner(context));

    /// <summary>Batch by batch at random, whatever the key (KIP-794).</summary>
    public static Func<PartitionerContext, IPartitioner> Sticky { get; } =
        static context => new StickyPartitioner(context);

    /// <summary>One partition after the other, whatever the key.</summary>
    public static Func<PartitionerContext, IPartitioner> RoundRobin { get; } = static _ => new RoundRobinPartitioner();

    private sealed class KeyedPartitioner(IPartitioner unkeyed) : IPartitioner
    {
        // A key keeps its partition also while that has no leader: the count is of all partitions.
        public int Partition(TopicView topic, NullableBytes key, int size) => key.IsNull
            ? unkeyed.Partition(topic, key, size)
            : Murmur2.Partition(key.Span, topic.Partitions.Count);
    }

    private sealed class StickyPartitioner(PartitionerContext context) : IPartitioner
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<string, (int Partition, int Left)> _byTopic = new(StringComparer.Ordinal);

        public int Partition(TopicView topic, NullableBytes key, int size)
        {
            if (topic.Partitions.Count == 1)
                return 0;
            lock (_gate)
            {
                var isKnown = _byTopic.TryGetValue(topic.Name, out var now);
                if (!isKnown || now.Left <= 0 || now.Partition >= topic.Partitions.Count)
                    now = (Choose(topic), context.BatchSize);
                _byTopic[topic.Name] = now with { Left = now.Left - size };
                return now.Partition;
            }
        }

        private int Choose(TopicView topic) => topic.Available.Count > 0
            ? topic.Available[context.Random.Next(topic.Available.Count)]
            : context.Random.Next(topic.Partitions.Count);
    }

    private sealed class RoundRobinPartitioner : IPartitioner
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<string, int> _byTopic = new(StringComparer.Ordinal);

        public int Partition(TopicView topic, NullableBytes key, int size)
        {
            lock (_gate)
            {
                var turn = _byTopic.GetValueOrDefault(topic.Name);
                _byTopic[topic.Name] = turn == int.MaxValue ? 0 : turn + 1;
                return topic.Available.Count > 0
                    ? topic.Available[turn % topic.Available.Count]
                    : turn % topic.Partitions.Count;
            }
        }
    }
}
