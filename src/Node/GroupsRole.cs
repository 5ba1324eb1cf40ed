using System.Globalization;
using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Groups;
using Barnabas.Records;
using Barnabas.Replication;

namespace Barnabas.Node;

/// <summary>The group coordinator's part of a node: groups over the partitions of <c>__consumer_offsets</c>.</summary>
internal sealed class GroupsRole(Host host) : IRecordCodec<GroupRecord>
{
    private const int BatchBytes = 1 << 20;

    /// <summary>A coordinator over the partitions held here. It coordinates once it hears of the cluster's
    /// state.</summary>
    public static GroupCoordinator Create(
        Host host, BrokerId self, MetadataRole metadata, Replicas replicas, EffectiveConfigs configs)
    {
        var codec = new GroupsRole(host);
        return new GroupCoordinator(host, self, configs, () => metadata.Machine.Held.Offset, (lane, index, epoch) =>
        {
            var config = configs.Broker(metadata.Machine.Committed.Configs).Groups;
            var settings = new PartitionJournalSettings(
                string.Create(CultureInfo.InvariantCulture, $"{TopicNames.ConsumerOffsets}-{index}"),
                () => FindAsync(metadata, replicas, index),
                new Compression((CompressionCodec)config.CompressionCodec), config.LoadBufferBytes, BatchBytes);
            return new PartitionJournal<GroupRecord>(host, lane, epoch, settings, codec);
        });
    }

    /// <inheritdoc/>
    public (byte[] Key, byte[]? Value)? Write(GroupRecord record) =>
        record is StoredRecord stored ? GroupRecordCodec.Write(stored) : null;

    /// <inheritdoc/>
    public bool TryRead(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte>? value, out GroupRecord record)
    {
        var read = GroupRecordCodec.Read(key, value);
        record = read!;
        return read is not null && !(value is null && host.Has(PlantedBug.TombstonesForgotten));
    }

    private static async Task<Partition?> FindAsync(MetadataRole metadata, Replicas replicas, int index)
    {
        await replicas.SettledAsync();
        return metadata.Machine.Committed.Topics.TryGetValue(TopicNames.ConsumerOffsets, out var topic)
            ? replicas.Find(topic.Id, index)
            : null;
    }
}
