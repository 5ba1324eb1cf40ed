using System.Diagnostics;
using System.Globalization;
using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Bench.Micro;

/// <summary>What the controller's state costs: memory, the time to load it, and the time to fence a broker.</summary>
internal static class ClusterBench
{
    private const int Brokers = 30;
    private const int PartitionsPerTopic = 100;
    private const int RecordsPerBatch = 1_000;

    public static void Run()
    {
        Console.WriteLine(
            $"\ncluster state, three replicas on {Brokers} brokers "
            + "[partitions, bytes a partition, load s, snapshot s, fence ms, changes, index ms]");
        foreach (var partitions in (ReadOnlySpan<int>)[10_000, 100_000, 1_000_000])
            Measure(partitions);
    }

    private static void Measure(int partitions)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var clock = Stopwatch.StartNew();
        var state = Load(ClusterState.Empty, Records(partitions));
        var load = clock.Elapsed;
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;

        clock.Restart();
        var restored = Load(ClusterState.Empty, ClusterSnapshot.ToRecords(state)!);
        var snapshot = clock.Elapsed;
        GC.KeepAlive(restored);

        clock.Restart();
        var fenced = FenceBroker.Fence(state, new BrokerId(1), 1, Configs()).Records;
        var fence = clock.Elapsed;
        clock.Restart();
        var held = state.HeldBy(new BrokerId(2)).Count();
        var index = clock.Elapsed;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {partitions,9} {bytes / partitions,6} {load.TotalSeconds,7:0.00} {snapshot.TotalSeconds,7:0.00}"
                + $" {fence.TotalMilliseconds,8:0.0} {fenced.Count,8} {index.TotalMilliseconds,8:0.0} ({held} held)"));
        GC.KeepAlive(state);
    }

    private static ClusterState Load(ClusterState state, IEnumerable<ITypedRecord> records)
    {
        foreach (var batch in records.Chunk(RecordsPerBatch))
            state = state.Apply(batch);
        return state;
    }

    private static IEnumerable<ITypedRecord> Records(int partitions)
    {
        yield return new FeatureLevelRecord { Name = "metadata.version", FeatureLevel = 29 };
        yield return new FeatureLevelRecord { Name = "eligible.leader.replicas.version", FeatureLevel = 1 };
        for (var id = 1; id <= Brokers; id++)
            yield return Broker(id);
        for (var topic = 0; topic < partitions / PartitionsPerTopic; topic++)
        {
            var id = new TopicId(new Uuid(7, (ulong)topic + 1_000));
            yield return new TopicRecord { Name = $"topic-{topic:D6}", TopicId = id };
            for (var index = 0; index < PartitionsPerTopic; index++)
                yield return Partition(id, index, topic + index);
        }
    }

    private static RegisterBrokerRecord Broker(int id) => new()
    {
        BrokerId = new(id),
        BrokerEpoch = id,
        IncarnationId = new Uuid(9, (ulong)id),
        EndPoints = [new() { Name = "PLAINTEXT", Host = $"host{id}", Port = 9092 }],
        LogDirs = [new Uuid(11, 1_000 + (ulong)id)],
        Fenced = false,
    };

    private static PartitionRecord Partition(TopicId topic, int index, int first)
    {
        List<BrokerId> replicas =
            [.. Enumerable.Range(0, 3).Select(i => new BrokerId(1 + ((first + (i * 7)) % Brokers)))];
        return new()
        {
            TopicId = topic,
            PartitionId = index,
            Replicas = replicas,
            Isr = replicas,
            Leader = replicas[0],
            LeaderEpoch = new(0),
            PartitionEpoch = 0,
            Directories = [.. replicas.Select(broker => new Uuid(11, 1_000 + (ulong)broker.Value))],
        };
    }

    private static EffectiveConfigs Configs()
    {
        var values = PersistentMap<string, string>.Empty(StringComparer.Ordinal).With("log.dirs", "/data");
        var listener = new Listener("PLAINTEXT", SecurityProtocol.Plaintext, "localhost", 9092);
        return new(new ServerConfigs(
            new BrokerId(1), values, new ListenerSet([listener], [], [listener], "PLAINTEXT")));
    }
}
