using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Shows the producers that partitions remember (KIP-664).</summary>
public sealed class DescribeProducersApi(Broker broker)
    : IApiHandler<DescribeProducersRequest, DescribeProducersResponse>
{
    /// <inheritdoc/>
    public Pending<DescribeProducersResponse> Handle(RequestContext context, DescribeProducersRequest request) =>
        Pending<DescribeProducersResponse>.InOrder(AnswerAsync(request));

    private async Task<DescribeProducersResponse?> AnswerAsync(DescribeProducersRequest request)
    {
        var response = new DescribeProducersResponse();
        foreach (var topic in request.Topics)
        {
            var answer = new DescribeProducersResponse.TopicResponse { Name = topic.Name };
            foreach (var index in topic.PartitionIndexes)
                answer.Partitions.Add(await DescribeAsync(topic.Name, index));
            response.Topics.Add(answer);
        }

        return response;
    }

    private async Task<DescribeProducersResponse.PartitionResponse> DescribeAsync(string topic, int index)
    {
        var error = broker.Topics.Find(topic, TopicId.None, index, out var partition);
        if (partition is null)
            return Failed(index, error);
        return await partition.DescribeProducersAsync() is { } producers
            ? new() { PartitionIndex = index, ActiveProducers = [.. producers.Select(Describe)] }
            : Failed(index, ErrorCode.KafkaStorageError);
    }

    private static DescribeProducersResponse.ProducerState Describe(ActiveProducer producer) => new()
    {
        ProducerId = producer.ProducerId,
        ProducerEpoch = producer.Epoch,
        LastSequence = producer.LastSequence,
        LastTimestamp = producer.LastTimestamp,
        CoordinatorEpoch = producer.CoordinatorEpoch,
        CurrentTxnStartOffset = producer.TransactionStart ?? Offset.None,
    };

    private static DescribeProducersResponse.PartitionResponse Failed(int index, ErrorCode error) => new()
    {
        PartitionIndex = index,
        ErrorCode = error,
        ErrorMessage = error.Meaning(),
    };
}
