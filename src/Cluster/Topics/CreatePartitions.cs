using Barnabas.Base;
using Barnabas.Journal;
using Barnabas.Wire;
using Barnabas.Wire.Messages;
using Asked = Barnabas.Wire.Messages.CreatePartitionsRequest.CreatePartitionsTopic;
using Replicas = Barnabas.Wire.Messages.CreatePartitionsRequest.CreatePartitionsAssignment;
using Result = Barnabas.Wire.Messages.CreatePartitionsResponse.CreatePartitionsTopicResult;

namespace Barnabas.Cluster;

/// <summary>Adds partitions to topics: each topic on its own, all that are legal in one append (KIP-195).</summary>
public static class CreatePartitions
{
    /// <summary>Decides on a request. Answers come in the order of the topics asked for, a name asked for twice last.
    /// </summary>
    /// <param name="state">The cluster.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="rules">What new topics are made by.</param>
    /// <param name="budget">How many partitions may be made; null where there is no quota.</param>
    public static Decision<CreatePartitionsResponse, ITypedRecord> Decide(
        ClusterState state, CreatePartitionsRequest request, TopicRules rules, MutationBudget? budget = null)
    {
        var response = new CreatePartitionsResponse();
        var records = new List<ITypedRecord>();
        var names = request.Topics.CountBy(topic => topic.Name).ToList();
        var twice = names.Where(name => name.Value > 1).Select(name => name.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var topic in request.Topics.Where(topic => !twice.Contains(topic.Name)))
        {
            var most = TopicRules.MaxPartitionsPerRequest - records.Count;
            var (error, added) = Add(state, topic, rules, most, budget);
            records.AddRange(added);
            response.Results.Add(Answer(topic.Name, error));
        }

        foreach (var (name, _) in names.Where(name => twice.Contains(name.Key)))
            response.Results.Add(Answer(name, new(ErrorCode.InvalidRequest, "Duplicate topic name.")));
        return new(response, request.ValidateOnly ? [] : records);
    }

    /// <summary>The answer that gives every topic of a request the same error.</summary>
    public static CreatePartitionsResponse Refuse(CreatePartitionsRequest request, ApiError error) => new()
    {
        Results = [.. request.Topics
            .Select(topic => topic.Name)
            .Distinct(StringComparer.Ordinal)
            .Select(name => Answer(name, error))],
    };

    private static (ApiError Error, IReadOnlyList<ITypedRecord> Added) Add(
        ClusterState state, Asked asked, TopicRules rules, int most, MutationBudget? budget)
    {
        if (!state.Topics.TryGetValue(asked.Name, out var topic))
            return (ApiError.Of(ErrorCode.UnknownTopicOrPartition), []);

        var present = topic.Partitions.Count;
        var error = CheckCount(asked, present, most);
        var additional = asked.Count - present;
        if (!error.IsFailure && budget is not null)
            error = budget.Take(additional);
        if (error.IsFailure)
            return (error, []);

        var factor = topic.Partitions[0].Replicas.Length;
        if (asked.Assignments is not null)
            return Assigned(state, topic, asked.Assignments, factor);

        (var replicas, error) = Placement.Place(state, additional, factor, rules.Random, topic);
        if (error.IsFailure)
            return (error, []);
        var added = replicas
            .Select((brokers, i) => Assignment.NewPartition(state, topic.Id, present + i, brokers))
            .OfType<ITypedRecord>();
        return (ApiError.None, [.. added]);
    }

    private static ApiError CheckCount(Asked asked, int present, int most)
    {
        if (asked.Count == present)
            return new(ErrorCode.InvalidPartitions, $"Topic already has {present} partition(s).");
        if (asked.Count < present)
        {
            return new(
                ErrorCode.InvalidPartitions,
                $"The topic {asked.Name} currently has {present} partition(s); "
                    + $"{asked.Count} would not be an increase.");
        }

        var additional = asked.Count - present;
        if (additional > most)
            return new(ErrorCode.PolicyViolation, "Unable to perform excessively large batch operation.");
        return asked.Assignments is { } given && given.Count != additional
            ? Assignment.Invalid(
                $"Attempted to add {additional} additional partition(s), but only {given.Count} assignment(s) "
                + "were specified.")
            : ApiError.None;
    }

    private static (ApiError Error, IReadOnlyList<ITypedRecord> Added) Assigned(
        ClusterState state, TopicState topic, List<Replicas> given, int factor)
    {
        var added = new List<ITypedRecord>(given.Count);
        foreach (var assignment in given)
        {
            var error = Assignment.Check(state, assignment.BrokerIds, factor);
            if (error.IsFailure)
                return (error, []);
            var index = topic.Partitions.Count + added.Count;
            if (Assignment.NewPartition(state, topic.Id, index, assignment.BrokerIds) is not { } partition)
                return (Assignment.NoneActive(index), []);
            added.Add(partition);
        }

        return (ApiError.None, added);
    }

    private static Result Answer(string name, ApiError error) =>
        new() { Name = name, ErrorCode = error.Code, ErrorMessage = error.Message };
}
