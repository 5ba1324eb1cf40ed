using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Transactions;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Adds a group's partition of <c>__consumer_offsets</c> to a transaction, so that the group's offsets are
/// committed with it (KIP-98).</summary>
public sealed class AddOffsetsToTxnApi(Broker broker) : IApiHandler<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>
{
    private const int FirstVersionWithFenced = 2;

    /// <inheritdoc/>
    public Pending<AddOffsetsToTxnResponse> Handle(RequestContext context, AddOffsetsToTxnRequest request) =>
        Pending<AddOffsetsToTxnResponse>.InOrder(AnswerAsync(context, request));

    private async Task<AddOffsetsToTxnResponse?> AnswerAsync(RequestContext context, AddOffsetsToTxnRequest request)
    {
        var error = await AddAsync(request);
        return new()
        {
            ErrorCode = TransactionErrors.ForClient(error, context.Version >= FirstVersionWithFenced),
        };
    }

    private async Task<ErrorCode> AddAsync(AddOffsetsToTxnRequest request)
    {
        if (request.TransactionalId.Length == 0)
            return ErrorCode.InvalidRequest;
        if (request.GroupId.Length == 0)
            return ErrorCode.InvalidGroupId;
        await broker.EnsureTopicAsync(TopicNames.ConsumerOffsets);
        if (!broker.State.Topics.TryGetValue(TopicNames.ConsumerOffsets, out var topic))
            return ErrorCode.CoordinatorNotAvailable;
        var partition = new TransactionPartition(
            TopicNames.ConsumerOffsets, CoordinatorPartition.Of(request.GroupId, topic.Partitions.Count));
        return await broker.Transactions.AddPartitionsAsync(new AddPartitions(
            request.TransactionalId, new(request.ProducerId, request.ProducerEpoch), [partition], 0));
    }
}
