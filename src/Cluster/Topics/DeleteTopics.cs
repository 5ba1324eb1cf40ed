using Barnabas.Base;
using Barnabas.Journal;
using Barnabas.Wire;
using Barnabas.Wire.Messages;
using Result = Barnabas.Wire.Messages.DeleteTopicsResponse.DeletableTopicResult;

namespace Barnabas.Cluster;

/// <summary>Deletes topics, by name or by id, each on its own, all that are there in one append (KIP-4,
/// KIP-516).</summary>
public static class DeleteTopics
{
    /// <summary>Decides on a request of any version.</summary>
    /// <param name="state">The cluster.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="budget">How many partitions may be deleted; null where there is no quota.</param>
    public static Decision<DeleteTopicsResponse, ITypedRecord> Decide(
        ClusterState state, DeleteTopicsRequest request, MutationBudget? budget = null)
    {
        var response = new DeleteTopicsResponse();
        var records = new List<ITypedRecord>();
        var asked = Asked(request).CountBy(topic => topic).ToDictionary();
        foreach (var (name, id) in asked.Keys)
        {
            var (topic, error) = Find(state, asked, name, id);
            if (topic is not null && budget is not null)
                error = budget.Take(topic.Partitions.Count);
            if (topic is not null && !error.IsFailure)
                records.Add(new RemoveTopicRecord { TopicId = topic.Id });
            response.Responses.Add(new Result
            {
                Name = topic?.Name ?? name,
                TopicId = topic?.Id ?? id,
                ErrorCode = error.Code,
                ErrorMessage = error.Message,
            });
        }

        return new(response, records);
    }

    /// <summary>The answer that gives every topic of a request the same error.</summary>
    public static DeleteTopicsResponse Refuse(DeleteTopicsRequest request, ApiError error) => new()
    {
        Responses = [.. Asked(request).Distinct().Select(topic => new Result
        {
            Name = topic.Name,
            TopicId = topic.Id,
            ErrorCode = error.Code,
            ErrorMessage = error.Message,
        })],
    };

    /// <summary>The answer where <c>delete.topic.enable</c> is false: the code for it came with version 3.</summary>
    public static DeleteTopicsResponse Disabled(DeleteTopicsRequest request, short version) =>
        Refuse(request, ApiError.Of(version < 3 ? ErrorCode.InvalidRequest : ErrorCode.TopicDeletionDisabled));

    private static List<(string? Name, TopicId Id)> Asked(DeleteTopicsRequest request) =>
    [
        .. request.TopicNames.Select(name => ((string?)name, TopicId.None)),
        .. request.Topics.Select(topic => (topic.Name, topic.TopicId)),
    ];

    private static (TopicState? Topic, ApiError Error) Find(
        ClusterState state, Dictionary<(string? Name, TopicId Id), int> asked, string? name, TopicId id)
    {
        if (name is null && id == TopicId.None)
            return (null, new(ErrorCode.InvalidRequest, "Neither topic name nor id were specified."));
        if (name is not null && id != TopicId.None)
            return (null, new(ErrorCode.InvalidRequest, "You may not specify both topic name and topic id."));
        if (asked[(name, id)] > 1)
            return (null, new(ErrorCode.InvalidRequest, $"Duplicate topic {(name is null ? "id" : "name")}."));

        TopicState? topic;
        if (name is null)
        {
            return state.TryGetTopic(id, out topic)
                ? (topic, ApiError.None)
                : (null, ApiError.Of(ErrorCode.UnknownTopicId));
        }

        if (!state.Topics.TryGetValue(name, out topic))
            return (null, ApiError.Of(ErrorCode.UnknownTopicOrPartition));
        return asked.ContainsKey((null, topic.Id))
            ? (null, new(
                ErrorCode.InvalidRequest, "The provided topic name maps to an ID that was already supplied."))
            : (topic, ApiError.None);
    }
}
