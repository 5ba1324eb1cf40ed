using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Log;
using Barnabas.Records;
using Barnabas.Server.Apis;
using Barnabas.Transactions;

namespace Barnabas.Server.Transactions;

/// <summary>Writes markers into the partitions led here (KIP-98).</summary>
/// <param name="host">The machine.</param>
/// <param name="topics">Finds partitions.</param>
/// <param name="offsets">Writes those for <c>__consumer_offsets</c>.</param>
public sealed class MarkerWriter(Host host, TopicDirectory topics, OffsetTransactions offsets) : IMarkerWriter
{
    /// <inheritdoc/>
    public async Task<ErrorCode> WriteAsync(TransactionPartition partition, TransactionMarkerToWrite marker)
    {
        if (marker.ProducerId < 0 || marker.ProducerEpoch < 0)
            return ErrorCode.InvalidRequest;
        var error = topics.Find(partition.Topic, TopicId.None, partition.Index, out var held);
        if (held is null)
            return error;
        error = held.View.CheckLeader(LeaderEpoch.None);
        if (error != ErrorCode.None)
            return error;
        if (partition.Topic == TopicNames.ConsumerOffsets)
            return await offsets.EndAsync(held, marker);
        // The other coordinators take no part in transactions, and nobody but they writes there.
        if (TopicNames.IsInternal(partition.Topic))
            return ErrorCode.InvalidTopicException;
        var answer = await held.AppendAsync(BatchOf(marker), untilCommitted: true);
        return answer.Error;
    }

    private PendingBatch BatchOf(TransactionMarkerToWrite marker)
    {
        var bytes = ControlRecords.EndTransactionBatch(
            marker.IsCommit ? ControlRecordType.Commit : ControlRecordType.Abort, new ProducerId(marker.ProducerId),
            marker.ProducerEpoch, marker.CoordinatorEpoch, host.Time.GetUtcNow().ToUnixTimeMilliseconds());
        return new PendingBatch(bytes, LeaderEpoch.None, AppendOrigin.Coordinator)
        {
            TransactionVersion = marker.TransactionVersion,
        };
    }
}
