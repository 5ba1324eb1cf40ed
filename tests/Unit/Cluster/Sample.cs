using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Sim;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Cluster;

/// <summary>States and configs that tests begin with.</summary>
internal static class Sample
{
    public static readonly EffectiveConfigs Configs = ConfigsOf(("num.partitions", "3"));

    public static TopicRules Rules => new(Configs, new SimRandom(7));

    public static EffectiveConfigs ConfigsOf(params (string Name, string Value)[] set)
    {
        var values = PersistentMap<string, string>.Empty(StringComparer.Ordinal).With("log.dirs", "/data");
        foreach (var (name, value) in set)
            values = values.With(name, value);
        var listener = new Listener("PLAINTEXT", SecurityProtocol.Plaintext, "localhost", 9092);
        var listeners = new ListenerSet([listener], [], [listener], "PLAINTEXT");
        return new(new ServerConfigs(new BrokerId(1), values, listeners));
    }

    /// <summary>A cluster of unfenced brokers 1 to <paramref name="count"/>.</summary>
    public static ClusterState Brokers(int count, Func<int, string?>? rackOf = null)
    {
        var state = ClusterState.Empty;
        for (var id = 1; id <= count; id++)
        {
            state = state.Apply(Registered(id, rackOf?.Invoke(id)));
            state = state.Apply(new UnfenceBrokerRecord { Id = new BrokerId(id), Epoch = id });
        }

        return state;
    }

    /// <summary>The same, where eligible leader replicas are known (KIP-966).</summary>
    public static ClusterState EligibleBrokers(int count) => Brokers(count)
        .Apply(new FeatureLevelRecord { Name = "metadata.version", FeatureLevel = 29 })
        .Apply(new FeatureLevelRecord { Name = "eligible.leader.replicas.version", FeatureLevel = 1 });

    public static RegisterBrokerRecord Registered(int id, string? rack = null) => new()
    {
        BrokerId = new BrokerId(id),
        BrokerEpoch = id,
        IncarnationId = new Uuid(9, (ulong)id),
        EndPoints =
        [
            new RegisterBrokerRecord.BrokerEndpoint { Name = "PLAINTEXT", Host = $"host{id}", Port = 9092 },
        ],
        Features =
        [
            new RegisterBrokerRecord.BrokerFeature
            {
                Name = "metadata.version", MinSupportedVersion = 7, MaxSupportedVersion = 29,
            },
        ],
        Rack = rack,
        LogDirs = [DirectoryOf(id)],
    };

    public static Uuid DirectoryOf(int broker) => new(77, 1000 + (ulong)broker);

    public static ClusterState WithTopic(this ClusterState state, string name, params int[][] replicas)
    {
        var id = new TopicId(new Uuid(5, (ulong)(1000 + state.Topics.Count)));
        state = state.Apply(new TopicRecord { Name = name, TopicId = id });
        for (var i = 0; i < replicas.Length; i++)
        {
            List<BrokerId> brokers = [.. replicas[i].Select(broker => new BrokerId(broker))];
            state = state.Apply(new PartitionRecord
            {
                TopicId = id,
                PartitionId = i,
                Replicas = brokers,
                Isr = brokers,
                Leader = brokers[0],
                LeaderEpoch = new LeaderEpoch(0),
                PartitionEpoch = 0,
                Directories = [.. replicas[i].Select(DirectoryOf)],
            });
        }

        return state;
    }

    /// <summary>The state with the first partition of the first topic changed.</summary>
    public static ClusterState Changed(this ClusterState state, Action<PartitionChangeRecord> set)
    {
        var change = new PartitionChangeRecord { TopicId = state.Topics.First().Value.Id, PartitionId = 0 };
        set(change);
        return state.Apply(change);
    }

    /// <summary>A partition in short: who leads, who holds it, who is in sync, who is eligible, who led last; marks are
    /// a * for a recovery under way, + for who comes and - for who goes.</summary>
    public static string Short(this PartitionState partition)
    {
        var replicas = partition.Replicas.Select(replica => partition.AddingReplicas.Contains(replica) ? $"+{replica}"
            : partition.RemovingReplicas.Contains(replica) ? $"-{replica}"
            : $"{replica}");
        var text = $"{partition.Leader} of {string.Join(",", replicas)} isr {string.Join(",", partition.Isr)}";
        if (!partition.Elr.IsEmpty)
            text += $" elr {string.Join(",", partition.Elr)}";
        if (!partition.LastKnownElr.IsEmpty)
            text += $" last {string.Join(",", partition.LastKnownElr)}";
        return partition.RecoveryState == LeaderRecoveryState.Recovering ? $"{text}*" : text;
    }

    /// <summary>The first partition of the first topic, in short.</summary>
    public static string Short(this ClusterState state) => state.Topics.First().Value.Partitions[0].Short();

    public static ClusterState Fence(this ClusterState state, int id, EffectiveConfigs? configs = null) =>
        state.After(FenceBroker.Fence(state, new BrokerId(id), EpochOf(state, id), configs ?? Configs));

    public static ClusterState Unfence(this ClusterState state, int id, EffectiveConfigs? configs = null) =>
        state.After(FenceBroker.Unfence(state, new BrokerId(id), EpochOf(state, id), configs ?? Configs));

    /// <summary>The broker starts anew, and is fenced still.</summary>
    public static ClusterState Restart(
        this ClusterState state, int id, bool cleanly, EffectiveConfigs? configs = null)
    {
        var request = Introduction(id, incarnation: 1000 + EpochOf(state, id));
        request.PreviousBrokerEpoch = cleanly ? EpochOf(state, id) : -1;
        var membership = new Membership("c", EpochOf(state, id) + 100, _ => false);
        var decision = RegisterBroker.Decide(state, request, membership, configs ?? Configs);
        Assert.Equal(ErrorCode.None, decision.Answer.ErrorCode);
        return state.After(decision);
    }

    /// <summary>What a broker says of itself at its start.</summary>
    public static BrokerRegistrationRequest Introduction(int id, long incarnation) => new()
    {
        BrokerId = new BrokerId(id),
        ClusterId = "c",
        IncarnationId = new Uuid(11, (ulong)incarnation),
        Listeners = [new() { Name = "PLAINTEXT", Host = $"host{id}", Port = 9092 }],
        Features =
        [
            new() { Name = "metadata.version", MinSupportedVersion = 1, MaxSupportedVersion = 29 },
            new() { Name = "eligible.leader.replicas.version", MinSupportedVersion = 0, MaxSupportedVersion = 1 },
        ],
        LogDirs = [DirectoryOf(id)],
    };

    public static long EpochOf(ClusterState state, int id) =>
        state.Brokers.TryGetValue(new BrokerId(id), out var broker) ? broker.Epoch : -1;

    public static ClusterState After<TAnswer>(this ClusterState state, Decision<TAnswer, ITypedRecord> decision) =>
        decision.Records.Aggregate(state, (before, record) => before.Apply(record));

    public static ClusterState Replay(IEnumerable<ITypedRecord> records) =>
        records.Aggregate(ClusterState.Empty, (before, record) => before.Apply(record));

    public static List<BrokerId> Ids(params int[] ids) => [.. ids.Select(id => new BrokerId(id))];
}
