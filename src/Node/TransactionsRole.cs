using System.Globalization;
using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Records;
using Barnabas.Replication;
using Barnabas.Transactions;

namespace Barnabas.Node;

/// <summary>The transaction coordinator's part of a node: transactions over the partitions of
/// <c>__transaction_state</c>.</summary>
internal sealed class TransactionsRole(Func<short> version) : IRecordCodec<TransactionRecord>
{
    private const int BatchBytes = 1 << 20;

    /// <summary>A coordinator over the partitions held here. It coordinates once it hears of the cluster's
    /// state.</summary>
    public static TransactionCoordinator Create(
        Host host, MetadataRole metadata, Replicas replicas, EffectiveConfigs configs,
        (ProducerIds Ids, IMarkerWriter Markers) parts)
    {
        TransactionCoordinator? coordinator = null;
        var codec = new TransactionsRole(() => coordinator!.Version);
        coordinator = new TransactionCoordinator(host, configs, parts.Ids, parts.Markers, (lane, index, epoch) =>
        {
            var config = configs.Broker(metadata.Machine.Committed.Configs).Transactions;
            var settings = new PartitionJournalSettings(
                string.Create(CultureInfo.InvariantCulture, $"{TopicNames.TransactionState}-{index}"),
                () => FindAsync(metadata, replicas, index),
                new Compression(CompressionCodec.None), config.LoadBufferBytes, BatchBytes);
            return new PartitionJournal<TransactionRecord>(host, lane, epoch, settings, codec);
        });
        return coordinator;
    }

    /// <inheritdoc/>
    public (byte[] Key, byte[]? Value)? Write(TransactionRecord record) =>
        TransactionRecordCodec.Write(record, version());

    /// <inheritdoc/>
    public bool TryRead(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte>? value, out TransactionRecord record)
    {
        var read = TransactionRecordCodec.Read(key, value);
        record = read!;
        return read is not null;
    }

    private static async Task<Partition?> FindAsync(MetadataRole metadata, Replicas replicas, int index)
    {
        await replicas.SettledAsync();
        return metadata.Machine.Committed.Topics.TryGetValue(TopicNames.TransactionState, out var topic)
            ? replicas.Find(topic.Id, index)
            : null;
    }
}
