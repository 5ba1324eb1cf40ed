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
    /// <summary>A coordinator over the partitions held here. It coordinates once it hears of the cluster's
    /// state.</summary>
    public static TransactionCoordinator Create(
        Host host, MetadataRole metadata, Replicas replicas, EffectiveConfigs configs,
        (ProducerIds Ids, IMarkerWriter Markers) parts)
    {
        TransactionCoordinator? coordinator = null;
        var topic = new CoordinatorTopic(TopicNames.TransactionState, metadata, replicas);
        var codec = new TransactionsRole(() => coordinator!.Version);
        coordinator = new TransactionCoordinator(host, configs, parts.Ids, parts.Markers, (lane, index, epoch) =>
        {
            var config = configs.Broker(metadata.Machine.Committed.Configs).Transactions;
            var settings = topic.JournalOf(index, CompressionCodec.None, config.LoadBufferBytes);
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
}
