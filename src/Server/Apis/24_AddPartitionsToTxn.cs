using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Transactions;
using Barnabas.Wire.Messages;
using RequestedTopic = Barnabas.Wire.Messages.AddPartitionsToTxnRequest.AddPartitionsToTxnTopic;
using RequestedTransaction = Barnabas.Wire.Messages.AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction;
using TopicResult = Barnabas.Wire.Messages.AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult;

namespace Barnabas.Server.Apis;

/// <summary>Adds partitions to transactions, or verifies that they are in them: one transaction at a time for clients,
/// many for the leaders of partitions (KIP-98, KIP-890).</summary>
public sealed class AddPartitionsToTxnApi(Broker broker)
    : IApiHandler<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>
{
    private const int FirstVersionWithFenced = 2;
    private const int FirstBatchedVersion = 4;
    private const int FirstVersionWithAbortable = 5;

    /// <inheritdoc/>
    public Pending<AddPartitionsToTxnResponse> Handle(RequestContext context, AddPartitionsToTxnRequest request) =>
        Pending<AddPartitionsToTxnResponse>.InOrder(
            context.Version < FirstBatchedVersion ? OneAsync(context, request) : ManyAsync(context, request));

    private async Task<AddPartitionsToTxnResponse?> OneAsync(
        RequestContext context, AddPartitionsToTxnRequest request)
    {
        var transaction = new RequestedTransaction
        {
            TransactionalId = request.V3AndBelowTransactionalId,
            ProducerId = request.V3AndBelowProducerId,
            ProducerEpoch = request.V3AndBelowProducerEpoch,
            Topics = request.V3AndBelowTopics,
        };
        return new() { ResultsByTopicV3AndBelow = await AnswerAsync(context, transaction) };
    }

    private async Task<AddPartitionsToTxnResponse?> ManyAsync(
        RequestContext context, AddPartitionsToTxnRequest request)
    {
        // Begun all at once, for each waits for a commit of its own shard.
        var answers = request.Transactions.ConvertAll(transaction => AnswerAsync(context, transaction));
        var response = new AddPartitionsToTxnResponse();
        for (var i = 0; i < answers.Count; i++)
        {
            response.ResultsByTransaction.Add(new()
            {
                TransactionalId = request.Transactions[i].TransactionalId,
                TopicResults = await answers[i],
            });
        }

        return response;
    }

    private async Task<List<TopicResult>> AnswerAsync(RequestContext context, RequestedTransaction transaction)
    {
        var partitions = PartitionsOf(transaction.Topics);
        var errors = await ErrorsAsync(context, transaction, partitions);
        var at = 0;
        return [.. transaction.Topics.Select(topic => new TopicResult
        {
            Name = topic.Name,
            ResultsByPartition = topic.Partitions.ConvertAll(
                index => new AddPartitionsToTxnResponse.AddPartitionsToTxnPartitionResult
                {
                    PartitionIndex = index,
                    PartitionErrorCode = InWordsOf(context.Version, errors[at++]),
                }),
        })];
    }

    private async Task<IReadOnlyList<ErrorCode>> ErrorsAsync(
        RequestContext context, RequestedTransaction transaction, List<TransactionPartition> partitions)
    {
        if (transaction.TransactionalId.Length == 0)
            return [.. partitions.Select(_ => ErrorCode.InvalidRequest)];
        var faults = partitions.ConvertAll(Check);
        if (faults.Exists(fault => fault != ErrorCode.None))
            return faults.ConvertAll(fault => fault == ErrorCode.None ? ErrorCode.OperationNotAttempted : fault);

        if (context.Version >= FirstBatchedVersion)
        {
            return await broker.Transactions.AddPartitionsAsync(
                transaction.TransactionalId, transaction.ProducerId.Value, transaction.ProducerEpoch, partitions,
                transaction.VerifyOnly);
        }

        var error = await broker.Transactions.AddPartitionsAsync(new AddPartitions(
            transaction.TransactionalId, new(transaction.ProducerId, transaction.ProducerEpoch), partitions, 0));
        return [.. partitions.Select(_ => error)];
    }

    // Nobody but their coordinators writes into the cluster's own topics, save offsets of groups.
    private ErrorCode Check(TransactionPartition partition)
    {
        if (!broker.State.Topics.TryGetValue(partition.Topic, out var topic)
            || !topic.Partitions.ContainsKey(partition.Index))
        {
            return ErrorCode.UnknownTopicOrPartition;
        }

        return TopicNames.IsInternal(partition.Topic) && partition.Topic != TopicNames.ConsumerOffsets
            ? ErrorCode.InvalidTopicException
            : ErrorCode.None;
    }

    private static List<TransactionPartition> PartitionsOf(List<RequestedTopic> topics) =>
    [
        .. from topic in topics
           from index in topic.Partitions
           select new TransactionPartition(topic.Name, index),
    ];

    // Brokers that speak version 4 know INVALID_TXN_STATE for what is not in the transaction.
    private static ErrorCode InWordsOf(short version, ErrorCode error) =>
        error == ErrorCode.TransactionAbortable && version < FirstVersionWithAbortable
            ? ErrorCode.InvalidTxnState
            : TransactionErrors.ForClient(error, version >= FirstVersionWithFenced);
}
