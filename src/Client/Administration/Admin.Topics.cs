using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Client;

public sealed partial class Admin
{
    /// <summary>The first DeleteTopics version that names topics one by one, by name or id.</summary>
    private const short FirstWithTopicStates = 6;

    /// <summary>Creates a topic.</summary>
    /// <returns>What came of it: ids and counts as the broker settled them.</returns>
    /// <exception cref="KafkaException">It exists, or is refused.</exception>
    public async Task<CreatedTopic> CreateTopicAsync(NewTopic topic, CancellationToken stop = default)
    {
        var created = (await CreateTopicsAsync([topic], validateOnly: false, stop))[0];
        return created.Failure is { } failure ? throw failure : created;
    }

    /// <summary>Creates topics; each fares on its own.</summary>
    /// <exception cref="KafkaException">The cluster did not answer.</exception>
    public Task<IReadOnlyList<CreatedTopic>> CreateTopicsAsync(
        IEnumerable<NewTopic> topics, bool validateOnly = false, CancellationToken stop = default) =>
        RunAsync<IReadOnlyList<CreatedTopic>>(
            async deadline =>
            {
                var request = new CreateTopicsRequest
                {
                    TimeoutMs = TimeoutMs,
                    ValidateOnly = validateOnly,
                    Topics = [.. topics.Select(t => t.ToWire())],
                };
                var answer = await _core.CallControllerAsync(
                    request, deadline, a => WorstOf(a.Topics.Select(t => t.ErrorCode)));
                return [.. answer.Topics.Select(t => new CreatedTopic(
                    t.Name, t.TopicId, t.NumPartitions, t.ReplicationFactor, Failure(t.ErrorCode, t.ErrorMessage)))];
            },
            stop);

    /// <summary>All topics, by name.</summary>
    /// <exception cref="KafkaException">The cluster did not answer.</exception>
    public Task<IReadOnlyList<TopicView>> ListTopicsAsync(CancellationToken stop = default) =>
        RunAsync<IReadOnlyList<TopicView>>(
            async deadline => [.. (await MetadataCall.AskAsync(_core, null, mayCreate: false, deadline)).Topics
                .Where(t => t is { ErrorCode: ErrorCode.None, Name: not null })
                .OrderBy(t => t.Name, StringComparer.Ordinal)
                .Select(MetadataCache.Read)],
            stop);

    /// <summary>Topics as they are now; null where one does not exist.</summary>
    /// <exception cref="KafkaException">The cluster did not answer, or refused.</exception>
    public Task<IReadOnlyList<TopicView?>> DescribeTopicsAsync(
        IReadOnlyList<string> names, CancellationToken stop = default) =>
        RunAsync<IReadOnlyList<TopicView?>>(
            async deadline =>
            {
                var answer = await MetadataCall.AskAsync(_core, names, mayCreate: false, deadline);
                return [.. names.Select(n => View(answer.Topics.Find(t => t.Name == n)))];
            },
            stop);

    /// <summary>Deletes topics; each fares on its own.</summary>
    /// <exception cref="KafkaException">The cluster did not answer.</exception>
    public Task<IReadOnlyList<TopicResult>> DeleteTopicsAsync(
        IReadOnlyList<string> names, CancellationToken stop = default) =>
        RunAsync<IReadOnlyList<TopicResult>>(
            async deadline =>
            {
                var request = new DeleteTopicsRequest
                {
                    TimeoutMs = TimeoutMs,
                    TopicNames = [.. names],
                };
                var answer = await _core.CallControllerAsync(
                    request, deadline, a => WorstOf(a.Responses.Select(t => t.ErrorCode)),
                    version => request.Topics = version < FirstWithTopicStates
                        ? []
                        : [.. names.Select(n => new DeleteTopicsRequest.DeleteTopicState { Name = n })]);
                return [.. answer.Responses.Select(t => new TopicResult(
                    t.Name ?? "", Failure(t.ErrorCode, t.ErrorMessage)))];
            },
            stop);

    /// <summary>Raises a topic's number of partitions.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="count">How many it shall have in all.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="KafkaException">The topic does not exist, has as many already, or the change is
    /// refused.</exception>
    public Task CreatePartitionsAsync(string topic, int count, CancellationToken stop = default) => RunAsync(
        async deadline =>
        {
            var request = new CreatePartitionsRequest
            {
                TimeoutMs = TimeoutMs,
                Topics =
                [
                    new CreatePartitionsRequest.CreatePartitionsTopic
                    {
                        Name = topic, Count = count, Assignments = null,
                    },
                ],
            };
            var answer = await _core.CallControllerAsync(
                request, deadline, a => WorstOf(a.Results.Select(t => t.ErrorCode)));
            foreach (var result in answer.Results)
                Check(result.ErrorCode, result.ErrorMessage);
            return true;
        },
        stop);

    private static TopicView? View(MetadataResponse.MetadataResponseTopic? topic)
    {
        if (topic is null || topic.ErrorCode is ErrorCode.UnknownTopicOrPartition or ErrorCode.UnknownTopicId)
            return null;
        if (topic.ErrorCode != ErrorCode.LeaderNotAvailable)
            Check(topic.ErrorCode, $"topic '{topic.Name}': {topic.ErrorCode.Meaning()}");
        return MetadataCache.Read(topic);
    }

    private static KafkaException? Failure(ErrorCode code, string? message) =>
        code == ErrorCode.None ? null : new KafkaException(code, message);
}
