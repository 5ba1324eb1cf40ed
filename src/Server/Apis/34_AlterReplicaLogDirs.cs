using Barnabas.Base;
using Barnabas.Wire.Messages;
using Answer = Barnabas.Wire.Messages.AlterReplicaLogDirsResponse;

namespace Barnabas.Server.Apis;

/// <summary>Moves replicas of this broker to other log directories (KIP-113).</summary>
/// <remarks>It answers when the copies are begun; DescribeLogDirs shows how far they are.</remarks>
public sealed class AlterReplicaLogDirsApi(Broker broker)
    : IApiHandler<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse>
{
    /// <inheritdoc/>
    public Pending<AlterReplicaLogDirsResponse> Handle(RequestContext context, AlterReplicaLogDirsRequest request) =>
        Pending<AlterReplicaLogDirsResponse>.InOrder(AnswerAsync(request));

    private async Task<AlterReplicaLogDirsResponse?> AnswerAsync(AlterReplicaLogDirsRequest request)
    {
        // A partition named twice goes where it was named last, as in Kafka.
        var places = new Dictionary<TopicPartition, string>();
        foreach (var directory in request.Dirs)
        {
            foreach (var topic in directory.Topics)
            {
                foreach (var index in topic.Partitions)
                    places[new TopicPartition(topic.Name, index)] = directory.Path;
            }
        }

        var answers = new SortedDictionary<string, Answer.AlterReplicaLogDirTopicResult>(StringComparer.Ordinal);
        foreach (var (partition, path) in places)
        {
            if (!answers.TryGetValue(partition.Topic, out var topic))
                answers.Add(partition.Topic, topic = new() { TopicName = partition.Topic });
            topic.Partitions.Add(new()
            {
                PartitionIndex = partition.Partition,
                ErrorCode = await MoveAsync(partition, path),
            });
        }

        return new Answer { Results = [.. answers.Values] };
    }

    private async Task<ErrorCode> MoveAsync(TopicPartition name, string path)
    {
        var found = broker.Topics.Find(name.Topic, TopicId.None, name.Partition, out var partition);
        var error = await broker.Replicas.MoveAsync(name, partition, path);
        // Where nobody knows the partition, that is what is said; the wish is noted all the same.
        return error == ErrorCode.ReplicaNotAvailable && found == ErrorCode.UnknownTopicOrPartition ? found : error;
    }
}
