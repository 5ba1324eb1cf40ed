using System.Runtime.ExceptionServices;
using Barnabas.Base;
using Barnabas.Sim;
using Barnabas.SimCluster;
using Barnabas.Tests.Simulation.Checks;
using Barnabas.Tests.Simulation.Node;

namespace Barnabas.Tests.Simulation.Histories;

/// <summary>A random history of a node and its clients, which follows from a seed: faults for a while, then none, and
/// at its end everything is held against what the clients know.</summary>
/// <remarks>Who the clients are is up to the kind of history. What every step has to leave true is looked at after
/// every step (<see cref="StepChecks"/>); what clients are told, when they are told it
/// (<see cref="PartitionLedger"/>).</remarks>
internal abstract class History : IHistory
{
    private static readonly TimeSpan Faults = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);
    private readonly List<HistoryTopic> _topics = [];
    private readonly HashSet<ProducerId> _producers = [];
    private readonly StepChecks _checks;
    private readonly int _seed;
    private Exception? _fault;

    /// <summary>The history of a seed, at its beginning.</summary>
    /// <param name="seed">What it follows from.</param>
    /// <param name="overrides">How its node is configured, besides what all have.</param>
    protected History(int seed, params string[] overrides)
    {
        _seed = seed;
        World = new World(seed);
        Node = new SimulatedNode(
            World, new SimDisk(seed, World),
            [
                "auto.create.topics.enable=false",
                "log.retention.check.interval.ms=2000",
                "replica.high.watermark.checkpoint.interval.ms=1500",
                "num.recovery.threads.per.data.dir=1",
                .. overrides,
            ]);
        _checks = new StepChecks(Node);
        World.AfterStep = Look;
    }

    /// <inheritdoc/>
    public World World { get; }

    /// <summary>The node, whatever its state.</summary>
    public SimulatedNode Node { get; }

    /// <inheritdoc/>
    public bool IsWindingDown { get; private set; }

    /// <summary>Topics that nobody has asked to delete.</summary>
    public IEnumerable<HistoryTopic> Topics => _topics.Where(static topic => topic.Deletion == Deletion.None);

    /// <summary>All topics whose creation was acknowledged.</summary>
    public IEnumerable<HistoryTopic> All => _topics;

    /// <summary>All their partitions.</summary>
    public IEnumerable<PartitionLedger> Partitions => _topics.SelectMany(static topic => topic.Partitions);

    /// <summary>How many creations nobody knows the outcome of.</summary>
    public int UnansweredCreations { get; set; }

    /// <summary>What happened, for whoever wants to know whether anything did.</summary>
    public HistoryTally Tally { get; } = new();

    /// <summary>Runs it to its end.</summary>
    public void Run() => World.Run(TellAsync, Limit);

    /// <inheritdoc/>
    public IReadOnlyList<string> Bootstrap { get; } = ["127.0.0.1:9092"];

    /// <inheritdoc/>
    public bool MayAskDeposed => false;

    /// <inheritdoc/>
    public RandomSource NewChance(int number) => new SimRandom(((ulong)_seed << 16) ^ (ulong)number ^ 0x9e3779b9);

    /// <inheritdoc/>
    public ILink NewLink() => new Link(World);

    /// <inheritdoc/>
    public bool Explains(ErrorCode error) =>
        error is ErrorCode.KafkaStorageError or ErrorCode.RequestTimedOut or ErrorCode.NotLeaderOrFollower;

    /// <inheritdoc/>
    public HistoryTopic? AnyTopic(RandomSource chance)
    {
        var all = Topics.ToList();
        return all.Count == 0 ? null : all[chance.Next(all.Count)];
    }

    /// <summary>The topic of an id; null where its creation was not acknowledged.</summary>
    public HistoryTopic? Find(TopicId id) => _topics.Find(topic => topic.Id == id);

    /// <summary>A topic was created.</summary>
    public HistoryTopic Add(HistoryTopic topic, int partitions)
    {
        Assert.True(Find(topic.Id) is null, $"the id of {topic.Name} was another topic's before");
        topic.Grow(partitions);
        _topics.Add(topic);
        return topic;
    }

    /// <inheritdoc/>
    public void Take(ProducerId id) => Assert.True(_producers.Add(id), $"producer id {id} was handed out twice");

    /// <summary>The clients begin; each comes to its end once the history winds down.</summary>
    /// <param name="admin">Whoever makes topics for them.</param>
    protected abstract IEnumerable<Task> Begin(Operator admin);

    /// <summary>Looks at what every step has to leave true. Fails where something is not.</summary>
    protected virtual void LookAtStep() => _checks.Look();

    /// <summary>The clients have come to their end, and the node that served them still runs.</summary>
    protected virtual Task SettleAsync() => Task.CompletedTask;

    /// <summary>Holds a new process against what clients know.</summary>
    protected virtual Task CheckAsync() => new LogReader(NewLink(), _topics).CheckAsync();

    private void Look()
    {
        if (_fault is { } fault)
            ExceptionDispatchInfo.Throw(fault);
        LookAtStep();
    }

    /// <summary>What a client finds out ends the history at once.</summary>
    private async Task Watched(Task client)
    {
        try
        {
            await client;
        }
        catch (Exception fault)
        {
            _fault ??= fault;
        }
    }

    private async Task TellAsync()
    {
        await Node.StartAsync();
        var admin = new Operator(this, 1);
        Task[] clients = [.. Begin(admin).Select(Watched)];
        await new Nemesis(this, 5).RunAsync(Faults);
        await Task.Delay(TimeSpan.FromSeconds(1), World);
        IsWindingDown = true;
        foreach (var client in clients)
            await client;
        await SettleAsync();

        // What is there must be there for a new process, too: whatever the last one kept in memory.
        await RestartAsync();
        await admin.CheckAsync();
        await CheckAsync();
        await Node.StopAsync();
        SideFiles.Check(Node.Disk);
    }

    private async Task RestartAsync()
    {
        if (NewChance(7).Next(2) == 0)
            await Node.StopAsync();
        else
            Node.Crash((CrashKind)NewChance(8).Next(3));
        await Node.StartAsync();
    }
}

/// <summary>What happened in a history: a tame one proves nothing.</summary>
internal sealed class HistoryTally
{
    /// <summary>How often the machine or the process ended without notice.</summary>
    public int Crashes { get; set; }

    /// <summary>How often the node was stopped properly.</summary>
    public int Stops { get; set; }

    /// <summary>How many faults of the disk were set up.</summary>
    public int DiskFaults { get; set; }
}
