using System.Globalization;
using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Wire;
using Barnabas.Wire.Messages;
using CreatableTopic = Barnabas.Wire.Messages.CreateTopicsRequest.CreatableTopic;
using CreatableTopicConfig = Barnabas.Wire.Messages.CreateTopicsRequest.CreatableTopicConfig;

namespace Barnabas.Cluster;

/// <summary>Creates topics nobody asked to create: those a client asks metadata of, and the cluster's own.</summary>
public static class AutoCreateTopics
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Decides on names, each as often as it may come. A topic that is there is a success.</summary>
    /// <returns>The outcome of each name; what cannot be called a topic's name is INVALID_TOPIC_EXCEPTION.</returns>
    public static Decision<IReadOnlyDictionary<string, ApiError>, ITypedRecord> Decide(
        ClusterState state, IEnumerable<string> names, TopicRules rules)
    {
        var decision = CreateTopics.Decide(state, RequestOf(state, names, rules), rules);
        var outcomes = OutcomesOf(decision.Answer);
        foreach (var name in names.Where(state.Topics.ContainsKey))
            outcomes[name] = ApiError.None;
        return new(outcomes, decision.Records);
    }

    /// <summary>The request that makes what is not there, as a broker sends it to the controller.</summary>
    public static CreateTopicsRequest RequestOf(ClusterState state, IEnumerable<string> names, TopicRules rules)
    {
        var broker = rules.Configs.Broker(state.Configs);
        return new CreateTopicsRequest
        {
            TimeoutMs = (int)Patience.TotalMilliseconds,
            Topics = [.. from name in names.Distinct(StringComparer.Ordinal)
                         where !state.Topics.ContainsKey(name)
                         select TopicOf(name, broker, state)],
        };
    }

    /// <summary>What the controller's answer says of each name. A topic that another made meanwhile is a
    /// success.</summary>
    public static SortedDictionary<string, ApiError> OutcomesOf(CreateTopicsResponse answer)
    {
        var outcomes = new SortedDictionary<string, ApiError>(StringComparer.Ordinal);
        foreach (var topic in answer.Topics)
        {
            outcomes[topic.Name] = topic.ErrorCode == ErrorCode.TopicAlreadyExists
                ? ApiError.None
                : new ApiError(topic.ErrorCode, topic.ErrorMessage);
        }

        return outcomes;
    }

    private static CreatableTopic TopicOf(string name, BrokerConfig broker, ClusterState state) => name switch
    {
        TopicNames.ConsumerOffsets => Offsets(broker, state),
        TopicNames.TransactionState => Transactions(broker.Transactions, state),
        _ => new() { Name = name, NumPartitions = -1, ReplicationFactor = -1 },
    };

    private static CreatableTopic Offsets(BrokerConfig broker, ClusterState state) => new()
    {
        Name = TopicNames.ConsumerOffsets,
        NumPartitions = broker.OffsetsTopicPartitions,
        ReplicationFactor = Replicas(broker.OffsetsTopicReplicationFactor, state),
        Configs =
        [
            Config(TopicConfigNames.CleanupPolicy, "compact"),
            Config(TopicConfigNames.CompressionType, "producer"),
            Config(TopicConfigNames.SegmentBytes, broker.OffsetsTopicSegmentBytes),
        ],
    };

    private static CreatableTopic Transactions(TransactionConfig config, ClusterState state) => new()
    {
        Name = TopicNames.TransactionState,
        NumPartitions = config.LogPartitions,
        ReplicationFactor = Replicas(config.LogReplicationFactor, state),
        Configs =
        [
            Config(TopicConfigNames.CleanupPolicy, "compact"),
            Config(TopicConfigNames.CompressionType, "uncompressed"),
            Config(TopicConfigNames.MinInsyncReplicas, config.LogMinIsr),
            Config(TopicConfigNames.SegmentBytes, config.LogSegmentBytes),
            Config(TopicConfigNames.UncleanLeaderElectionEnable, "false"),
        ],
    };

    // A cluster smaller than the replication factor, which is 3 unless set, coordinates all the same. Brokers that are
    // out of service for now count: their replicas catch up.
    private static short Replicas(int wanted, ClusterState state) =>
        (short)Math.Clamp(state.Brokers.Count, 1, wanted);

    private static CreatableTopicConfig Config(string name, string value) => new() { Name = name, Value = value };

    private static CreatableTopicConfig Config(string name, int value) =>
        Config(name, value.ToString(CultureInfo.InvariantCulture));
}
