using System.Globalization;
using Barnabas.Records;
using Barnabas.Replication;

namespace Barnabas.Node;

/// <summary>One of the cluster's own topics, in whose partitions a coordinator keeps what it remembers.</summary>
/// <param name="name">The topic.</param>
/// <param name="metadata">What the cluster has decided.</param>
/// <param name="replicas">The partitions held here.</param>
internal sealed class CoordinatorTopic(string name, MetadataRole metadata, Replicas replicas)
{
    private const int BatchBytes = 1 << 20;

    /// <summary>Where a shard is kept, and how it is read and written.</summary>
    /// <param name="index">Its partition.</param>
    /// <param name="compression">How its batches are compressed.</param>
    /// <param name="loadBufferBytes">How much is read at once while it loads, in bytes.</param>
    public PartitionJournalSettings JournalOf(int index, CompressionCodec compression, int loadBufferBytes) => new(
        string.Create(CultureInfo.InvariantCulture, $"{name}-{index}"), () => FindAsync(index),
        new Compression(compression), loadBufferBytes, BatchBytes);

    private async Task<Partition?> FindAsync(int index)
    {
        await replicas.SettledAsync();
        return metadata.Machine.Committed.Topics.TryGetValue(name, out var topic)
            ? replicas.Find(topic.Id, index)
            : null;
    }
}
