using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Client;

public sealed partial class Admin
{
    /// <summary>Deletes the records before an offset; -1 for all there are.</summary>
    /// <returns>The log's first offset after it.</returns>
    /// <exception cref="KafkaException">The partition does not exist, or the deletion is refused.</exception>
    public Task<Offset> DeleteRecordsAsync(
        TopicPartition partition, Offset before, CancellationToken stop = default) => RunAsync(
        async deadline =>
        {
            await KnowAsync(partition, deadline);
            var request = new DeleteRecordsRequest
            {
                TimeoutMs = TimeoutMs,
                Topics =
                [
                    new DeleteRecordsRequest.DeleteRecordsTopic
                    {
                        Name = partition.Topic,
                        Partitions =
                        [
                            new DeleteRecordsRequest.DeleteRecordsPartition
                            {
                                PartitionIndex = partition.Partition, Offset = before,
                            },
                        ],
                    },
                ],
            };
            var answer = await _core.CallLeaderAsync(
                partition, request, deadline, a => a.Topics[0].Partitions[0].ErrorCode);
            var result = answer.Topics[0].Partitions[0];
            Check(result.ErrorCode, null);
            return result.LowWatermark;
        },
        stop);

    /// <summary>The producers that a partition's leader remembers: those that wrote not long ago (KIP-664).</summary>
    /// <returns>By id.</returns>
    /// <exception cref="KafkaException">The partition does not exist, or its leader did not answer.</exception>
    public Task<IReadOnlyList<ActiveProducer>> DescribeProducersAsync(
        TopicPartition partition, CancellationToken stop = default) => RunAsync<IReadOnlyList<ActiveProducer>>(
        async deadline =>
        {
            await KnowAsync(partition, deadline);
            var request = new DescribeProducersRequest
            {
                Topics =
                [
                    new DescribeProducersRequest.TopicRequest
                    {
                        Name = partition.Topic, PartitionIndexes = [partition.Partition],
                    },
                ],
            };
            var answer = await _core.CallLeaderAsync(
                partition, request, deadline, a => a.Topics[0].Partitions[0].ErrorCode);
            var result = answer.Topics[0].Partitions[0];
            Check(result.ErrorCode, result.ErrorMessage);
            return [.. result.ActiveProducers.OrderBy(p => p.ProducerId.Value).Select(Read)];
        },
        stop);

    /// <summary>A broker's log directories and the replicas in them (KIP-113).</summary>
    /// <returns>By path; replicas by topic and partition.</returns>
    /// <exception cref="KafkaException">There is no such broker, or it did not answer.</exception>
    public Task<IReadOnlyList<LogDirectory>> DescribeLogDirsAsync(
        BrokerId broker, CancellationToken stop = default) => RunAsync<IReadOnlyList<LogDirectory>>(
        async deadline =>
        {
            await _core.Metadata.RefreshAsync(deadline);
            var answer = await _core.CallBrokerAsync(
                broker, new DescribeLogDirsRequest { Topics = null }, deadline, a => a.ErrorCode);
            Check(answer.ErrorCode, null);
            return [.. answer.Results.OrderBy(d => d.LogDir, StringComparer.Ordinal).Select(d => Read(broker, d))];
        },
        stop);

    /// <summary>Throws unless the partition exists.</summary>
    private async Task KnowAsync(TopicPartition partition, Deadline deadline)
    {
        var topic = await _core.Metadata.TopicAsync(partition.Topic, deadline);
        if ((uint)partition.Partition >= (uint)topic.Partitions.Count)
            throw new KafkaException(ErrorCode.UnknownTopicOrPartition, $"{partition} does not exist");
    }

    private static ActiveProducer Read(DescribeProducersResponse.ProducerState producer) =>
        new(producer.ProducerId, producer.ProducerEpoch, producer.LastSequence, producer.LastTimestamp)
        {
            CoordinatorEpoch = producer.CoordinatorEpoch < 0 ? null : producer.CoordinatorEpoch,
            TransactionStart = producer.CurrentTxnStartOffset.Value < 0 ? null : producer.CurrentTxnStartOffset,
        };

    private static LogDirectory Read(BrokerId broker, DescribeLogDirsResponse.DescribeLogDirsResult directory) =>
        new(broker, directory.LogDir, Failure(directory.ErrorCode, null),
        [
            .. directory.Topics.OrderBy(t => t.Name, StringComparer.Ordinal).SelectMany(t => t.Partitions
                .OrderBy(p => p.PartitionIndex)
                .Select(p => new StoredReplica(
                    new(t.Name, p.PartitionIndex), p.PartitionSize, p.OffsetLag, p.IsFutureKey))),
        ])
        {
            TotalBytes = directory.TotalBytes < 0 ? null : directory.TotalBytes,
            UsableBytes = directory.UsableBytes < 0 ? null : directory.UsableBytes,
        };
}
