using Barnabas.Base;
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

    // All at once: they are synced together, and none waits for what another partition waits for.
    private async Task<WriteTxnMarkersResponse?> AnswerAsync(WriteTxnMarkersRequest request)
    {
        var written = request.Markers.ConvertAll(Write);
        var response = new WriteTxnMarkersResponse();
        for (var i = 0; i < written.Count; i++)
        {
            var marker = request.Markers[i];
            var answer = new WriteTxnMarkersResponse.WritableTxnMarkerResult { ProducerId = marker.ProducerId };
            response.Markers.Add(answer);
            for (var t = 0; t < written[i].Count; t++)
                answer.Topics.Add(await OutcomeAsync(marker.Topics[t], written[i][t]));
        }

        return response;
    }

    private List<List<Task<ErrorCode>>> Write(WriteTxnMarkersRequest.WritableTxnMarker marker)
    {
        var end = new TransactionMarkerToWrite(
            marker.ProducerId.Value, marker.ProducerEpoch, marker.CoordinatorEpoch, marker.TransactionResult,
            marker.TransactionVersion);
        return marker.Topics.ConvertAll(topic => topic.PartitionIndexes.ConvertAll(
            index => broker.Markers.WriteAsync(new TransactionPartition(topic.Name, index), end)));
    }

    private static async Task<TopicOutcome> OutcomeAsync(
        WriteTxnMarkersRequest.WritableTxnMarkerTopic topic, List<Task<ErrorCode>> written)
    {
        var outcome = new TopicOutcome { Name = topic.Name };
        for (var i = 0; i < written.Count; i++)
        {
            outcome.Partitions.Add(
                new() { PartitionIndex = topic.PartitionIndexes[i], ErrorCode = await written[i] });
        }

        return outcome;
    }
}
