using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Wire;
using Barnabas.Wire.Messages;
using CreatableTopic = Barnabas.Wire.Messages.CreateTopicsRequest.CreatableTopic;
using CreatableTopicConfig = Barnabas.Wire.Messages.CreateTopicsRequest.CreatableTopicConfig;
using CreatableTopicConfigs = Barnabas.Wire.Messages.CreateTopicsResponse.CreatableTopicConfigs;
using CreatableTopicResult = Barnabas.Wire.Messages.CreateTopicsResponse.CreatableTopicResult;

namespace Barnabas.Cluster;

/// <summary>Creates topics: each on its own, all that are legal in one append (KIP-4, KIP-195, KIP-525).</summary>
public static class CreateTopics
{
    /// <summary>Decides on a request. Answers come in the order of the topics asked for, a name asked for twice last.
    /// </summary>
    /// <param name="state">The cluster.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="rules">What new topics are made by.</param>
    /// <param name="budget">How many partitions may be made; null where there is no quota.</param>
    public static Decision<CreateTopicsResponse, ITypedRecord> Decide(
        ClusterState state, CreateTopicsRequest request, TopicRules rules, MutationBudget? budget = null)
    {
        var standard = rules.Configs.Broker(state.Configs).Partitions;
        if (CountPartitions(request, standard) > TopicRules.MaxPartitionsPerRequest)
        {
            return Refuse(request, new ApiError(
                ErrorCode.PolicyViolation, "Excessively large number of partitions per request."));
        }

        var response = new CreateTopicsResponse();
        var records = new List<ITypedRecord>();
        var names = request.Topics.CountBy(topic => topic.Name).ToList();
        var twice = names.Where(name => name.Value > 1).Select(name => name.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var topic in request.Topics.Where(topic => !twice.Contains(topic.Name)))
        {
            var (result, added) = Create(state, topic, rules, budget);
            response.Topics.Add(result);
            records.AddRange(added);

            // The next topic is decided on a cluster that has this one: their names may collide.
            state = state.Apply(added);
        }

        foreach (var (name, _) in names.Where(name => twice.Contains(name.Key)))
            response.Topics.Add(Failed(name, new ApiError(ErrorCode.InvalidRequest, "Duplicate topic name.")));
        return new(response, request.ValidateOnly ? [] : records);
    }

    /// <summary>The answer that gives every topic of a request the same error.</summary>
    public static CreateTopicsResponse Refuse(CreateTopicsRequest request, ApiError error) => new()
    {
        Topics = [.. request.Topics
            .Select(topic => topic.Name)
            .Distinct(StringComparer.Ordinal)
            .Select(name => Failed(name, error))],
    };

    private static int CountPartitions(CreateTopicsRequest request, int standard)
    {
        var total = 0L;
        foreach (var topic in request.Topics)
        {
            total += topic.Assignments.Count > 0 ? topic.Assignments.Count
                : topic.NumPartitions == -1 ? standard
                : Math.Max(topic.NumPartitions, 0);
        }

        return (int)Math.Min(total, int.MaxValue);
    }

    private static (CreatableTopicResult Result, List<ITypedRecord> Records) Create(
        ClusterState state, CreatableTopic topic, TopicRules rules, MutationBudget? budget)
    {
        var error = CheckName(state, topic.Name);
        if (error.IsFailure)
            return (Failed(topic.Name, error), []);

        (error, var configs) = SetConfigs(state, topic, rules.Configs);
        if (error.IsFailure)
            return (Failed(topic.Name, error), []);

        var id = new TopicId(rules.Random.NextUuid());
        (error, var partitions) = topic.Assignments.Count > 0
            ? Assigned(state, topic, id)
            : Placed(state, topic, id, rules);
        if (!error.IsFailure && budget is not null)
            error = budget.Take(partitions.Count);
        if (error.IsFailure)
            return (Failed(topic.Name, error), []);

        List<ITypedRecord> records = [new TopicRecord { Name = topic.Name, TopicId = id }, .. configs, .. partitions];
        return (Created(state.Apply(records), id, rules.Configs), records);
    }

    private static (ApiError Error, List<ConfigRecord> Records) SetConfigs(
        ClusterState state, CreatableTopic topic, EffectiveConfigs configs)
    {
        var nulls = topic.Configs.Where(c => c.Value is null).Select(c => c.Name).ToList();
        if (nulls.Count > 0)
        {
            return (new(
                ErrorCode.InvalidConfig, $"Null value not supported for topic configs: {string.Join(",", nulls)}"), []);
        }

        // Of a config that is named twice the last value counts.
        var resource = ConfigResource.Topic(topic.Name);
        var last = topic.Configs.Reverse<CreatableTopicConfig>().DistinctBy(c => c.Name, StringComparer.Ordinal);
        var alteration = ConfigAlteration.Incremental(
            resource, state.Configs[resource],
            [.. last.Select(c => new ConfigOperation(c.Name, ConfigOperationKind.Set, c.Value))],
            configs.Inherited(state.Configs, resource));
        return (ApiError.Of(alteration.Outcome), alteration.RecordsOf(resource));
    }

    private static ApiError CheckName(ClusterState state, string name)
    {
        // The metadata log has the name of a topic and is none: nobody may create it.
        if (name == TopicNames.ClusterMetadata)
            return new(ErrorCode.TopicAuthorizationFailed, "Authorization failed.");
        if (TopicNames.Check(name) is { } fault)
            return new(ErrorCode.InvalidTopicException, fault);
        if (state.Topics.ContainsKey(name))
            return new(ErrorCode.TopicAlreadyExists, $"Topic '{name}' already exists.");
        return TopicNames.MayCollide(name) && state.CollidingNames.TryGetValue(TopicNames.Fold(name), out var others)
            ? new(ErrorCode.InvalidTopicException, $"Topic '{name}' collides with existing topic: {others[0]}")
            : ApiError.None;
    }

    private static (ApiError Error, List<PartitionRecord> Partitions) Assigned(
        ClusterState state, CreatableTopic topic, TopicId id)
    {
        const string manual = "A manual partition assignment was specified, but ";
        if (topic.ReplicationFactor != -1)
            return (new(ErrorCode.InvalidRequest, manual + "replication factor was not set to -1."), []);
        if (topic.NumPartitions != -1)
            return (new(ErrorCode.InvalidRequest, manual + "numPartitions was not set to -1."), []);

        var partitions = new SortedList<int, PartitionRecord>();
        foreach (var assignment in topic.Assignments)
        {
            var index = assignment.PartitionIndex;
            if (partitions.ContainsKey(index))
                return (Assignment.Invalid($"Found multiple manual partition assignments for partition {index}"), []);

            int? factor = partitions.Count == 0 ? null : partitions.Values[0].Replicas.Count;
            var error = Assignment.Check(state, assignment.BrokerIds, factor);
            if (error.IsFailure)
                return (error, []);
            if (Assignment.NewPartition(state, id, index, assignment.BrokerIds) is not { } partition)
                return (Assignment.NoneActive(index), []);
            partitions.Add(index, partition);
        }

        return partitions.Keys[0] == 0 && partitions.Keys[^1] == partitions.Count - 1
            ? (ApiError.None, [.. partitions.Values])
            : (Assignment.Invalid("partitions should be a consecutive 0-based integer sequence"), []);
    }

    private static (ApiError Error, List<PartitionRecord> Partitions) Placed(
        ClusterState state, CreatableTopic topic, TopicId id, TopicRules rules)
    {
        if (topic.ReplicationFactor is < -1 or 0)
        {
            return (new(
                ErrorCode.InvalidReplicationFactor,
                "Replication factor must be larger than 0, or -1 to use the default value."), []);
        }

        if (topic.NumPartitions is < -1 or 0)
        {
            return (new(
                ErrorCode.InvalidPartitions, "Number of partitions was set to an invalid non-positive value."), []);
        }

        var standard = rules.Configs.Broker(state.Configs);
        var count = topic.NumPartitions == -1 ? standard.Partitions : topic.NumPartitions;
        var factor = topic.ReplicationFactor == -1 ? standard.ReplicationFactor : topic.ReplicationFactor;
        var (replicas, error) = Placement.Place(state, count, factor, rules.Random);
        if (error.IsFailure)
            return (error, []);

        var partitions = new List<PartitionRecord>(count);
        for (var i = 0; i < count; i++)
        {
            // The first of the replicas placed is active, so there is always one that may lead.
            if (Assignment.NewPartition(state, id, i, replicas[i]) is { } partition)
                partitions.Add(partition);
        }

        return (ApiError.None, partitions);
    }

    private static CreatableTopicResult Created(ClusterState after, TopicId id, EffectiveConfigs configs)
    {
        var topic = after.Topics[after.TopicNamesById[id]];
        return new()
        {
            Name = topic.Name,
            TopicId = id,
            ErrorMessage = null,
            NumPartitions = topic.Partitions.Count,
            ReplicationFactor = (short)topic.Partitions[0].Replicas.Length,
            Configs = [.. configs.Describe(after.Configs, ConfigResource.Topic(topic.Name)).Select(
                config => new CreatableTopicConfigs
                {
                    Name = config.Name,
                    Value = config.Value,
                    ReadOnly = config.IsReadOnly,
                    ConfigSource = (sbyte)config.Source,
                    IsSensitive = config.IsSensitive,
                })],
        };
    }

    private static CreatableTopicResult Failed(string name, ApiError error) => new()
    {
        Name = name,
        ErrorCode = error.Code,
        ErrorMessage = error.Message,
    };
}
