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

    public static ClusterState After<TAnswer>(this ClusterState state, Decision<TAnswer, ITypedRecord> decision) =>
        decision.Records.Aggregate(state, (before, record) => before.Apply(record));

    public static ClusterState Replay(IEnumerable<ITypedRecord> records) =>
        records.Aggregate(ClusterState.Empty, (before, record) => before.Apply(record));

    public static List<BrokerId> Ids(params int[] ids) => [.. ids.Select(id => new BrokerId(id))];
}
