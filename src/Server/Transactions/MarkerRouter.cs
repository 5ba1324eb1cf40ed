using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Server.Brokers;
using Barnabas.Transactions;

namespace Barnabas.Server.Transactions;

/// <summary>Writes the markers of transactions coordinated here: into partitions led here, and through their leaders
/// into others (KIP-98).</summary>
/// <param name="host">The machine.</param>
/// <param name="state">The cluster as it is known here now.</param>
/// <param name="here">Writes into partitions led here.</param>
/// <param name="brokers">The way to other leaders.</param>
/// <param name="patience"><c>request.timeout.ms</c>: how long a leader's answer may take.</param>
public sealed class MarkerRouter(
    Host host, Func<ClusterState> state, IMarkerWriter here, BrokerLinks brokers, Func<TimeSpan> patience)
    : IMarkerWriter
{
    private readonly MarkerBatches _elsewhere =
        new(host, (leader, request) => brokers.SendAsync(
            leader, request, patience(),
            () => state().Brokers.TryGetValue(leader, out var broker) && !broker.Fenced));

    /// <inheritdoc/>
    public async Task<ErrorCode> WriteAsync(TransactionPartition partition, TransactionMarkerToWrite marker)
    {
        if (state().FindPartition(new(partition.Topic, partition.Index)) is not { } known)
            return ErrorCode.UnknownTopicOrPartition;
        if (known.Leader == brokers.Self)
            return await here.WriteAsync(partition, marker);
        if (known.Leader == BrokerId.None)
            return ErrorCode.LeaderNotAvailable;
        return await _elsewhere.WriteAsync(known.Leader, partition, marker) switch
        {
            // The leader has yet to hear of a topic that is known here.
            ErrorCode.UnknownTopicOrPartition => ErrorCode.NotLeaderOrFollower,
            var error => error,
        };
    }
}
