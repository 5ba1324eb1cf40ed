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
    /// <summary>A coordinator over the partitions held here. It coordinates once it hears of the cluster's
    /// state.</summary>
    public static GroupCoordinator Create(
        Host host, BrokerId self, MetadataRole metadata, Replicas replicas, EffectiveConfigs configs)
    {
        var topic = new CoordinatorTopic(TopicNames.ConsumerOffsets, metadata, replicas);
        var codec = new GroupsRole(host);
        return new GroupCoordinator(host, self, configs, () => metadata.Machine.Held.Offset, (lane, index, epoch) =>
        {
            var config = configs.Broker(metadata.Machine.Committed.Configs).Groups;
            var settings = topic.JournalOf(index, (CompressionCodec)config.CompressionCodec, config.LoadBufferBytes);
            return new PartitionJournal<GroupRecord>(host, lane, epoch, settings, codec);
        });
    }

    /// <inheritdoc/>
    public (byte[] Key, byte[]? Value)? Write(GroupRecord record) => record switch
    {
        StoredRecord stored => GroupRecordCodec.Write(stored),
        TransactionalRecord within => GroupRecordCodec.Write(within.Stored),
        TransactionEnded end => (
            ControlRecords.Key(end.IsCommit ? ControlRecordType.Commit : ControlRecordType.Abort),
            ControlRecords.EndTransaction(end.CoordinatorEpoch)),
        _ => null,
    };

    /// <inheritdoc/>
    public RecordTransaction? TransactionOf(GroupRecord record) => record switch
    {
        TransactionalRecord within => new(within.ProducerId, within.ProducerEpoch, IsEnd: false),
        TransactionEnded end => new(end.ProducerId, end.ProducerEpoch, IsEnd: true),
        _ => null,
    };

    /// <inheritdoc/>
    public bool TryRead(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte>? value, out GroupRecord record)
    {
        var read = GroupRecordCodec.Read(key, value);
        record = read!;
        return read is not null && !(value is null && host.Has(PlantedBug.TombstonesForgotten));
    }

    /// <inheritdoc/>
    public bool TryRead(
        in RecordTransaction transaction, ReadOnlyMemory<byte> key, ReadOnlyMemory<byte>? value,
        out GroupRecord record)
    {
        if (transaction.IsEnd)
            return TryReadEnd(transaction, key, value, out record);
        if (!TryRead(key, value, out record))
            return false;
        record = new TransactionalRecord(transaction.ProducerId, transaction.ProducerEpoch, (StoredRecord)record);
        return true;
    }

    private static bool TryReadEnd(
        in RecordTransaction transaction, ReadOnlyMemory<byte> key, ReadOnlyMemory<byte>? value,
        out GroupRecord record)
    {
        record = null!;
        if (!ControlRecords.TryReadKey(key.Span, out var type)
            || type is not (ControlRecordType.Commit or ControlRecordType.Abort)
            || !ControlRecords.TryReadEndTransaction((value ?? default).Span, out var coordinatorEpoch))
        {
            return false;
        }

        record = new TransactionEnded(
            transaction.ProducerId, transaction.ProducerEpoch, coordinatorEpoch, type == ControlRecordType.Commit);
        return true;
    }
}
