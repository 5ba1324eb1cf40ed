using System.Net;
using System.Runtime.ExceptionServices;
using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Sim;
using Barnabas.SimKeeper;

namespace Barnabas.SimCluster;

/// <summary>A random history of a cluster and its clients, which follows from a seed: faults for a while, then none;
/// then everybody has to come to an end, and is held against what clients know.</summary>
internal sealed class ClusterHistory : ITransactionHistory, IGroupHistory
{
    private const int Width = 2;
    private const int Members = 3;
    private const string Orders = "orders";
    private const string Managed = "managed";
    private const string LedgerTopic = "ledger";
    private const string Work = "work";
    private static readonly TopicPartition Offsets = new("__consumer_offsets", 0);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly IPartitionAssignor[] Known =
        [Assignors.Range, Assignors.RoundRobin, Assignors.Sticky, Assignors.CooperativeSticky];

    private readonly SimulationOptions _options;
    private readonly List<HistoryTopic> _topics = [];
    private readonly HashSet<ProducerId> _producers = [];
    private readonly Convergence _convergence;
    private int _links;
    private bool _isWritten;
    private Exception? _fault;

    /// <summary>The history of a seed, at its beginning.</summary>
    /// <param name="options">What it is made of.</param>
    /// <param name="prepare">What is changed about the hosts of brokers.</param>
    public ClusterHistory(SimulationOptions options, Func<Host, Host> prepare)
    {
        _options = options;
        World = new World(options.Seed);
        var chance = NewChance(0);
        var count = options.Nodes ?? (chance.Next(4) > 0 ? 3 : 3 + chance.Next(3));
        Faults = options.Faults ?? [.. FaultKinds.All.Select(static one => one.Kind).Where(_ => chance.Next(2) == 0)];
        IsSynced = chance.Next(3) == 0;
        Assignor = Known[chance.Next(Known.Length)];
        var members = Enumerable.Range(1, Members).Select(
            static i => new IPEndPoint(new IPAddress([10, 0, 1, (byte)i]), 2181)).ToArray();
        Ensemble = new SimEnsemble(World.NewProcess().NewHost(new SimDisk(options.Seed, World)), members);
        var configs = ClusterConfigs.Of(Ensemble.Addresses, count, IsSynced);
        Nodes = [.. Enumerable.Range(1, count).Select(i => new ClusterNode(World, i, configs, prepare)
        {
            Log = options.Trace is null ? null : new TraceLog(i, Say),
        })];
        Watch = new ClusterWatch(Nodes, _topics, Mark);
        _convergence = new Convergence(Nodes, Watch);
        World.AfterStep = Look;
    }

    /// <inheritdoc/>
    public World World { get; }

    /// <summary>What keeps the metadata.</summary>
    public SimEnsemble Ensemble { get; }

    /// <summary>The brokers, in order of their numbers.</summary>
    public IReadOnlyList<ClusterNode> Nodes { get; }

    /// <summary>What may go wrong.</summary>
    public IReadOnlyList<FaultKind> Faults { get; }

    /// <summary>Whether partitions are durable by fsync, not by replication alone.</summary>
    public bool IsSynced { get; }

    /// <summary>What every step is held against.</summary>
    public ClusterWatch Watch { get; }

    /// <summary>How often each thing went wrong.</summary>
    public SortedDictionary<FaultKind, int> Injected { get; } = [];

    /// <summary>What happened that does not happen in every history, and how often.</summary>
    public SortedDictionary<string, int> Marks { get; } = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public bool IsWindingDown { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Bootstrap =>
        [.. Nodes.Select(static node => $"{node.Address}:{ClusterNode.Port}")];

    /// <inheritdoc/>
    public TransactionLedger Ledger { get; } = new(Width);

    /// <inheritdoc/>
    public IPartitionAssignor Assignor { get; }

    /// <inheritdoc/>
    public GroupLedger Readers { get; } = new("readers", Width);

    /// <inheritdoc/>
    public bool IsRead { get; private set; }

    /// <summary>The topics whose creation was acknowledged.</summary>
    public IReadOnlyList<HistoryTopic> Topics => _topics;

    /// <summary>Runs it to its end.</summary>
    public void Run() => World.Run(TellAsync, TimeSpan.FromMinutes(15));

    /// <summary>Tells whoever listens what happens.</summary>
    public void Say(string what) => _options.Trace?.Invoke(World.Age, what);

    /// <summary>Something went wrong, on purpose.</summary>
    public void Inject(FaultKind kind, string what)
    {
        Injected[kind] = Injected.GetValueOrDefault(kind) + 1;
        Say($"{FaultKinds.NameOf(kind)}: {what}");
    }

    /// <inheritdoc/>
    public RandomSource NewChance(int number) =>
        new SimRandom(((ulong)_options.Seed << 16) ^ (ulong)number ^ 0x51ed27f5);

    /// <inheritdoc/>
    public ILink NewLink() => new ClusterLink(NewClientHost(), Nodes.Count, NewChance(1000 + _links++));

    /// <inheritdoc/>
    public HistoryTopic? AnyTopic(RandomSource chance)
    {
        var all = _topics.Where(static topic => topic is { Deletion: Deletion.None, Name: Orders or "extra" }).ToList();
        return all.Count == 0 ? null : all[chance.Next(all.Count)];
    }

    /// <inheritdoc/>
    public void Take(ProducerId id) => Promise.Holds(_producers.Add(id), $"producer id {id} was handed out twice");

    /// <inheritdoc/>
    public bool Explains(ErrorCode error) => error is ErrorCode.KafkaStorageError or ErrorCode.RequestTimedOut
        or ErrorCode.NotLeaderOrFollower or ErrorCode.NotEnoughReplicas or ErrorCode.NotEnoughReplicasAfterAppend;

    /// <inheritdoc/>
    public bool MayAskDeposed => true;

    /// <inheritdoc/>
    public Task<HistoryTopic> TopicAsync() => TopicAsync(LedgerTopic);

    /// <inheritdoc/>
    public Task<HistoryTopic> WorkAsync() => TopicAsync(Work);

    /// <inheritdoc/>
    public long[] Floors() => [.. Enumerable.Range(0, Width).Select(Readers.Floor)];

    /// <summary>A topic was created.</summary>
    public void Add(HistoryTopic topic, int partitions)
    {
        Promise.Holds(_topics.All(t => t.Id != topic.Id), $"the id of {topic.Name} was another topic's before");
        topic.Grow(partitions);
        _topics.Add(topic);
    }

    private Host NewClientHost() => World.NewProcess(new IPAddress([10, 0, 2, 1])).NewHost(new SimDisk(0));

    private void Mark(string what) => Marks[what] = Marks.GetValueOrDefault(what) + 1;

    private void Look()
    {
        if (_fault is { } fault)
            ExceptionDispatchInfo.Throw(fault);
        Watch.Look();
    }

    private async Task<HistoryTopic> TopicAsync(string name)
    {
        while (true)
        {
            if (_topics.Find(topic => topic.Name == name) is { } topic)
                return topic;
            await Task.Delay(Pause, World);
        }
    }

    private async Task TellAsync()
    {
        foreach (var node in Nodes)
            node.Start();
        var admin = new ClusterOperator(this, 1);
        await WithinAsync("the cluster comes up", admin.CreateAsync(
            (Orders, Width), (Managed, 1), (LedgerTopic, Width), (Work, Width)));
        (string Name, Task Ends)[] clients = [.. Begin(admin).Select(one => (one.Name, WatchedAsync(one.Ends)))];
        await new ClusterNemesis(this, 2).RunAsync(_options.FaultTime);
        IsWindingDown = true;
        Say("no faults any more");
        foreach (var (name, ends) in clients)
            await WithinAsync($"{name} comes to an end", ends);
        Say("clients have come to an end");
        await SettleAsync();
        Say("all replicas are in sync");
        admin.Check();
        await WithinAsync("all is read", new LogReader(NewLink(), _topics.Where(
            topic => topic.Name != LedgerTopic && Watch.State.TryGetTopic(topic.Id, out _))).CheckAsync());
        if (Ledger.Begun > 0)
            await WithinAsync("all that is committed is read", new CommittedReader(this, Width).CheckAsync());
        await SettleAsync();
        _convergence.Check();
    }

    private IEnumerable<(string Name, Task Ends)> Begin(ClusterOperator admin)
    {
        yield return ("the operator", admin.RunAsync());
        yield return ("sender 3", new IdempotentSender(this, 3).RunAsync());
        yield return ("sender 4", new IdempotentSender(this, 4).RunAsync());
        yield return ("the reader", new ClusterReader(this, 5).RunAsync());
        yield return (
            "the producer", new ManagedProducer(this, () => TopicAsync(Managed), 6, Managed, 1).RunAsync());
        if (NewChance(30).Next(2) == 0)
        {
            yield return ("transactor 7", new RawTransactor(this, 7, "shared").RunAsync());
            yield return ("transactor 8", new RawTransactor(this, 8, "shared").RunAsync());
            yield return ("transactor 9", new RawTransactor(this, 9, "own").RunAsync());
            yield return ("the reader of transactions", new CommittedReader(this, Width).RunAsync());
        }

        if (NewChance(31).Next(2) == 0)
        {
            yield return ("the group's producer", WriteAsync(new ManagedProducer(this, WorkAsync, 10, Work, Width)));
            yield return ("member 11", new ManagedMember(this, 11, null).RunAsync());
            var lasting = NewChance(32).Next(2) == 0 ? "lasting" : null;
            yield return ("member 12", new ManagedMember(this, 12, lasting).RunAsync());
            yield return ("the group", FollowGroupAsync());
        }
    }

    /// <summary>What a client finds out ends the history at once.</summary>
    private async Task WatchedAsync(Task client)
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

    /// <summary>Waits for what has to happen once nothing is in its way.</summary>
    private async Task WithinAsync(string what, Task happens)
    {
        await Task.WhenAny(happens, Task.Delay(Patience, World));
        Promise.Holds(
            happens.IsCompleted,
            $"liveness: not within {Patience.TotalSeconds} s: {what}; {_convergence.Missing() ?? "the rest is well"}");
        await happens;
    }

    private async Task SettleAsync()
    {
        var begun = World.Age;
        while (_convergence.Missing() is { } missing)
        {
            Promise.Holds(World.Age - begun < Patience, $"liveness: after {Patience.TotalSeconds} s {missing}");
            await Task.Delay(Pause, World);
        }
    }

    private async Task WriteAsync(ManagedProducer producer)
    {
        await producer.RunAsync();
        _isWritten = true;
    }

    /// <summary>Looks where the readers stand, as any client may, until they have come to the end.</summary>
    private async Task FollowGroupAsync()
    {
        var (link, topic) = (NewLink(), await WorkAsync());
        var wire = new GroupWire(link, Readers.Name, topic, Assignor);
        while (!IsRead)
        {
            await Task.Delay(Pause, World);
            // What was committed at another coordinator, one that is deposed and does not know it cannot say.
            var floors = Watch.IsLedByTwo(Offsets) ? new long[Width] : Floors();
            foreach (var (partition, offset) in await wire.FetchAsync() ?? [])
                Readers.Saw(partition, offset, floors[partition]);
            IsRead = _isWritten
                && Enumerable.Range(0, Width).All(p => Readers.HasCome(p, topic.Partitions[p].End));
        }

        await link.CloseAsync();
    }
}
