using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Server.Brokers;
using Barnabas.Transactions;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Transactions;

/// <summary>Writes the markers of transactions coordinated here: into partitions led here, and through their leaders
/// into others (KIP-98).</summary>
/// <param name="state">The cluster as it is known here now.</param>
/// <param name="here">Writes into partitions led here.</param>
/// <param name="brokers">The way to other leaders.</param>
/// <param name="patience"><c>request.timeout.ms</c>: how long a leader's answer may take.</param>
public sealed class MarkerRouter(
    Func<ClusterState> state, IMarkerWriter here, BrokerLinks brokers, Func<TimeSpan> patience) : IMarkerWriter
{
    /// <inheritdoc/>
    public async Task<ErrorCode> WriteAsync(TransactionPartition partition, TransactionMarkerToWrite marker)
    {
        if (state().FindPartition(new(partition.Topic, partition.Index)) is not { } known)
            return ErrorCode.UnknownTopicOrPartition;
        if (known.Leader == brokers.Self)
            return await here.WriteAsync(partition, marker);
        if (known.Leader == BrokerId.None)
            return ErrorCode.LeaderNotAvailable;
        try
        {
            var answer = await brokers.SendAsync(known.Leader, RequestOf(partition, marker), patience());
            return answer.Markers[0].Topics[0].Partitions[0].ErrorCode switch
            {
                // The leader has yet to hear of a topic that is known here.
                ErrorCode.UnknownTopicOrPartition => ErrorCode.NotLeaderOrFollower,
                var error => error,
            };
        }
        catch (IOException)
        {
            return ErrorCode.NetworkException;
        }
    }

    private static WriteTxnMarkersRequest RequestOf(
        TransactionPartition partition, TransactionMarkerToWrite marker) => new()
        {
            Markers =
            [
                new()
                {
                    ProducerId = new(marker.ProducerId),
                    ProducerEpoch = marker.ProducerEpoch,
                    CoordinatorEpoch = marker.CoordinatorEpoch,
                    TransactionResult = marker.IsCommit,
                    TransactionVersion = (sbyte)marker.TransactionVersion,
                    Topics = [new() { Name = partition.Topic, PartitionIndexes = [partition.Index] }],
                },
            ],
        };
}
