using Barnabas.Base;
using Barnabas.Replication;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Deletes the records before an offset (KIP-107).</summary>
/// <remarks>The log start offset has moved, and a restart will not take it back, when this answers, and so it has at
/// every replica that is alive; the files go with the next round of retention.</remarks>
public sealed class DeleteRecordsApi(Broker broker) : IApiHandler<DeleteRecordsRequest, DeleteRecordsResponse>
{
    /// <inheritdoc/>
    public Pending<DeleteRecordsResponse> Handle(RequestContext context, DeleteRecordsRequest request) =>
        Pending<DeleteRecordsResponse>.InOrder(AnswerAsync(request));

    private async Task<DeleteRecordsResponse?> AnswerAsync(DeleteRecordsRequest request)
    {
        var response = new DeleteRecordsResponse();
        var asked = new List<(Partition Partition, Offset To)>();
        var answers = new List<DeleteRecordsResponse.DeleteRecordsPartitionResult>();
        foreach (var topic in request.Topics)
        {
            var answer = new DeleteRecordsResponse.DeleteRecordsTopicResult { Name = topic.Name };
            foreach (var wanted in topic.Partitions)
            {
                var result = new DeleteRecordsResponse.DeleteRecordsPartitionResult
                {
                    PartitionIndex = wanted.PartitionIndex,
                    LowWatermark = Offset.None,
                    ErrorCode = Find(topic.Name, wanted.PartitionIndex, out var partition),
                };
                answer.Partitions.Add(result);
                if (partition is null)
                    continue;
                asked.Add((partition, wanted.Offset));
                answers.Add(result);
            }

            response.Topics.Add(answer);
        }

        var deletions = await broker.Replicas.DeleteRecordsAsync(
            asked, TimeSpan.FromMilliseconds(Math.Max(request.TimeoutMs, 0)));
        for (var i = 0; i < deletions.Length; i++)
            (answers[i].ErrorCode, answers[i].LowWatermark) = (deletions[i].Error, deletions[i].LowWatermark);
        return response;
    }

    /// <summary>The partition, unless nobody may delete from it: the cluster's own topics are the
    /// coordinators'.</summary>
    private ErrorCode Find(string topic, int index, out Partition? partition)
    {
        var error = broker.Topics.Find(topic, TopicId.None, index, out partition);
        if (partition is null || !Cluster.TopicNames.IsInternal(topic))
            return error;
        partition = null;
        return ErrorCode.InvalidTopicException;
    }
}
