using Barnabas.Transactions;
using Barnabas.Wire.Messages;
using TopicOutcome = Barnabas.Wire.Messages.WriteTxnMarkersResponse.WritableTxnMarkerTopicResult;

namespace Barnabas.Server.Apis;

/// <summary>Writes the ends of transactions into partitions (KIP-98, KIP-664, KIP-1228).</summary>
/// <remarks>A coordinator on another node sends it, and so do administrators, to abort a transaction that nobody else
/// ends.</remarks>
public sealed class WriteTxnMarkersApi(Broker broker) : IApiHandler<WriteTxnMarkersRequest, WriteTxnMarkersResponse>
{
    /// <inheritdoc/>
    public Pending<WriteTxnMarkersResponse> Handle(RequestContext context, WriteTxnMarkersRequest request) =>
        Pending<WriteTxnMarkersResponse>.InOrder(AnswerAsync(request));

    private async Task<WriteTxnMarkersResponse?> AnswerAsync(WriteTxnMarkersRequest request)
    {
        var response = new WriteTxnMarkersResponse();
        foreach (var marker in request.Markers)
        {
            var answer = new WriteTxnMarkersResponse.WritableTxnMarkerResult { ProducerId = marker.ProducerId };
            response.Markers.Add(answer);
            var end = new TransactionMarkerToWrite(
                marker.ProducerId.Value, marker.ProducerEpoch, marker.CoordinatorEpoch, marker.TransactionResult,
                marker.TransactionVersion);
            foreach (var topic in marker.Topics)
                answer.Topics.Add(await WriteAsync(topic, end));
        }

        return response;
    }

    // All at once: they are synced together.
    private async Task<TopicOutcome> WriteAsync(
        WriteTxnMarkersRequest.WritableTxnMarkerTopic topic, TransactionMarkerToWrite marker)
    {
        var written = topic.PartitionIndexes.ConvertAll(
            index => broker.Markers.WriteAsync(new TransactionPartition(topic.Name, index), marker));
        var outcome = new TopicOutcome { Name = topic.Name };
        for (var i = 0; i < written.Count; i++)
        {
            outcome.Partitions.Add(
                new() { PartitionIndex = topic.PartitionIndexes[i], ErrorCode = await written[i] });
        }

        return outcome;
    }
}
