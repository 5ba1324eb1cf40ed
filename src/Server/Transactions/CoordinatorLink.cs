using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Server.Brokers;
using Barnabas.Transactions;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Transactions;

/// <summary>Asks the coordinator of a transaction whether partitions are part of it, or makes them so: here or on
/// another node (KIP-890).</summary>
/// <param name="state">The cluster as it is known here now.</param>
/// <param name="here">The coordinator here.</param>
/// <param name="brokers">The way to other coordinators.</param>
/// <param name="patience"><c>request.timeout.ms</c>: how long an answer may take.</param>
public sealed class CoordinatorLink(
    Func<ClusterState> state, AddToTransaction here, BrokerLinks brokers, Func<TimeSpan> patience)
{
    private const short FirstBatchedVersion = 4;

    /// <summary>Asks: see <see cref="AddToTransaction"/>.</summary>
    public async Task<IReadOnlyList<ErrorCode>> AddAsync(
        string transactionalId, long producerId, short producerEpoch,
        IReadOnlyList<TransactionPartition> partitions, bool verifyOnly)
    {
        var coordinator = CoordinatorOf(transactionalId);
        if (coordinator == brokers.Self)
            return await here(transactionalId, producerId, producerEpoch, partitions, verifyOnly);
        if (coordinator == BrokerId.None)
            return All(ErrorCode.CoordinatorNotAvailable);
        var request = new AddPartitionsToTxnRequest
        {
            Transactions =
            [
                new()
                {
                    TransactionalId = transactionalId,
                    ProducerId = new(producerId),
                    ProducerEpoch = producerEpoch,
                    VerifyOnly = verifyOnly,
                    Topics = [.. partitions.GroupBy(p => p.Topic, StringComparer.Ordinal).Select(
                        topic => new AddPartitionsToTxnRequest.AddPartitionsToTxnTopic
                        {
                            Name = topic.Key,
                            Partitions = [.. topic.Select(p => p.Index)],
                        })],
                },
            ],
        };
        try
        {
            var answer = await brokers.SendAsync(
                coordinator, request, patience(), () => CoordinatorOf(transactionalId) == coordinator,
                FirstBatchedVersion);
            return answer.ErrorCode == ErrorCode.None ? ErrorsOf(answer, partitions) : All(answer.ErrorCode);
        }
        catch (IOException)
        {
            return All(ErrorCode.NetworkException);
        }

        List<ErrorCode> All(ErrorCode error) => [.. partitions.Select(_ => error)];
    }

    private BrokerId CoordinatorOf(string transactionalId) =>
        state().Topics.TryGetValue(TopicNames.TransactionState, out var topic)
            ? topic.Partitions[CoordinatorPartition.Of(transactionalId, topic.Partitions.Count)].Leader
            : BrokerId.None;

    private static List<ErrorCode> ErrorsOf(
        AddPartitionsToTxnResponse answer, IReadOnlyList<TransactionPartition> partitions)
    {
        var errors = (
            from transaction in answer.ResultsByTransaction
            from topic in transaction.TopicResults
            from partition in topic.ResultsByPartition
            select (At: new TransactionPartition(topic.Name, partition.PartitionIndex), partition.PartitionErrorCode))
            .DistinctBy(p => p.At).ToDictionary(p => p.At, p => p.PartitionErrorCode);
        return [.. partitions.Select(p => errors.GetValueOrDefault(p, ErrorCode.UnknownServerError))];
    }
}
