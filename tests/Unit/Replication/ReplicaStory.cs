using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Replication;
using Barnabas.Sim;
using Barnabas.Tests.Unit.Log;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Replication;

/// <summary>Brokers in a simulated world that replicate one partition, and a controller that the story speaks
/// for.</summary>
internal sealed class ReplicaStory
{
    public const string TopicName = "orders";

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(20);
    private readonly List<ITypedRecord> _records = [];
    private readonly (string Name, string Value)[] _configs;
    private int _batches;

    public ReplicaStory(int seed = 1, int brokers = 3, params (string Name, string Value)[] configs)
    {
        World = new World(seed);
        _configs = configs;
        for (var id = 1; id <= brokers; id++)
            Brokers.Add(id, new ReplicaBroker(this, id));
    }

    public World World { get; }

    /// <summary>How long what the story waits for may take.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>What is done to a broker's host before it is used.</summary>
    public Func<Host, Host> Dress { get; init; } = static host => host;

    public SortedDictionary<int, ReplicaBroker> Brokers { get; } = [];

    public IEnumerable<ReplicaBroker> Up => Brokers.Values.Where(broker => broker.IsUp);

    public List<(BrokerId, Exception)> Halts { get; } = [];

    /// <summary>The cluster as the controller has it.</summary>
    public ClusterState State { get; private set; } = ClusterState.Empty;

    /// <summary>All that was decided.</summary>
    public IReadOnlyList<ITypedRecord> Records => _records;

    public TopicId Topic { get; } = new(new Uuid(5, 7));

    public PartitionState Decided => State.FindPartition(new TopicPartition(TopicName, 0))!;

    public ReplicaBroker Leader => Brokers[Decided.Leader.Value];

    /// <summary>While false the controller cannot be reached.</summary>
    public bool IsControllerUp { get; set; } = true;

    /// <summary>Called when a proposal is heard, before it is decided on.</summary>
    public Action? Heard { get; set; }

    /// <summary>Proposals heard, and what they were told.</summary>
    public List<(string Isr, ErrorCode Error)> Proposals { get; } = [];

    public void Tell(Func<Task> story)
    {
        World.Run(story, TimeSpan.FromHours(2));
        Assert.Empty(Halts);
    }

    public EffectiveConfigs ConfigsOf(int id)
    {
        var values = PersistentMap<string, string>.Empty(StringComparer.Ordinal)
            .With("log.dirs", "/data").With("log.retention.ms", "-1");
        foreach (var (name, value) in _configs)
            values = values.With(name, value);
        var listener = new Listener("PLAINTEXT", SecurityProtocol.Plaintext, "127.0.0.1", Brokers[id].Port);
        return new(new ServerConfigs(new(id), values, new ListenerSet([listener], [], [listener], "PLAINTEXT")));
    }

    /// <summary>Starts all brokers, and has them hold the partition in the order of their ids.</summary>
    public async Task BeginAsync(int? replicas = null)
    {
        foreach (var id in Brokers.Keys)
            await StartAsync(id);
        var ids = Brokers.Keys.Take(replicas ?? Brokers.Count).Select(id => new BrokerId(id)).ToList();
        Decide(new TopicRecord { Name = TopicName, TopicId = Topic }, new PartitionRecord
        {
            TopicId = Topic,
            PartitionId = 0,
            Replicas = ids,
            Isr = ids,
            Leader = ids[0],
            LeaderEpoch = new LeaderEpoch(0),
            PartitionEpoch = 0,
            Directories = [.. ids.Select(broker => Brokers[broker.Value].DirectoryId)],
        });
        await UntilLedAsync();
    }

    /// <summary>Starts a broker, which registers and may lead again. Out of the replicas in sync it comes as one that
    /// may have lost something.</summary>
    public async Task StartAsync(int id, bool isClean = false)
    {
        var broker = Brokers[id];
        await broker.OpenAsync();
        if (State.Brokers.ContainsKey(broker.Id))
            Fence(id);
        if (!isClean)
            LeaveIsr(id);
        var epoch = _records.Count + 100;
        Decide(new RegisterBrokerRecord
        {
            BrokerId = broker.Id,
            BrokerEpoch = epoch,
            IncarnationId = new Uuid(9, (ulong)epoch),
            EndPoints =
            [
                new RegisterBrokerRecord.BrokerEndpoint
                {
                    Name = "PLAINTEXT", Host = "127.0.0.1", Port = (ushort)broker.Port,
                },
            ],
            LogDirs = [broker.DirectoryId],
        });
        broker.Replicas!.BrokerEpoch = epoch;
        Decide(FenceBroker.Unfence(State, broker.Id, epoch, ConfigsOf(id)).Records);
    }

    /// <summary>The controller no longer hears of a broker.</summary>
    public void Fence(int id) => Decide(
        FenceBroker.Fence(State, new(id), State.Brokers[new(id)].Epoch, ConfigsOf(id)).Records);

    /// <summary>Kills a broker, and has the controller notice.</summary>
    public void Lose(int id, CrashKind kind = CrashKind.KeepsAll)
    {
        Brokers[id].Kill(kind);
        Fence(id);
    }

    /// <summary>A replica in sync comes to lead.</summary>
    public void Elect(int id) => Decide(Change(leader: new(id)));

    public void Decide(params IReadOnlyList<ITypedRecord> records)
    {
        if (records.Count == 0)
            return;
        _records.AddRange(records);
        foreach (var record in records)
            State = State.Apply(record);
        foreach (var broker in Up)
            broker.Journal?.Push(records);
    }

    public PartitionChangeRecord Change(
        IEnumerable<BrokerId>? isr = null, BrokerId? leader = null, IEnumerable<BrokerId>? replicas = null) => new()
        {
            TopicId = Topic,
            PartitionId = 0,
            Isr = isr?.ToList(),
            Leader = leader ?? PartitionState.LeaderStays,
            Replicas = replicas?.ToList(),
        };

    /// <summary>What the controller says to a leader that wants other replicas in sync.</summary>
    public Task<AlterPartitionResponse> AlterAsync(AlterPartitionRequest request)
    {
        if (!IsControllerUp)
            throw new IOException("nobody answers");
        Heard?.Invoke();
        var decision = AlterPartition.Decide(State, request, ConfigsOf(request.BrokerId.Value));
        Proposals.Add((
            string.Join(',', request.Topics.Single().Partitions.Single().NewIsrWithEpochs.Select(m => m.BrokerId)),
            decision.Answer.ErrorCode != ErrorCode.None
                ? decision.Answer.ErrorCode
                : decision.Answer.Topics.Single().Partitions.Single().ErrorCode));
        Decide(decision.Records);
        return Task.FromResult(decision.Answer);
    }

    /// <summary>A broker says in which directory its replica is, or that it is in none.</summary>
    public Task<ErrorCode> AssignAsync(BrokerId broker, IReadOnlyList<DirectoryAssignment> assignments)
    {
        if (!IsControllerUp)
            return Task.FromResult(ErrorCode.NotController);
        var request = new AssignReplicasToDirsRequest
        {
            BrokerId = broker,
            BrokerEpoch = State.Brokers[broker].Epoch,
            Directories =
            [
                new()
                {
                    Id = assignments.Single().Directory,
                    Topics = [new() { TopicId = Topic, Partitions = [new() { PartitionIndex = 0 }] }],
                },
            ],
        };
        var decision = AssignReplicasToDirs.Decide(State, request, ConfigsOf(broker.Value));
        Decide(decision.Records);
        return Task.FromResult(decision.Answer.ErrorCode);
    }

    /// <summary>Appends a batch of one record at the leader; the task ends when it is answered.</summary>
    public Task<AppendAnswer> AppendAsync(bool untilCommitted = true) =>
        AppendAsync(Leader, untilCommitted);

    public Task<AppendAnswer> AppendAsync(ReplicaBroker broker, bool untilCommitted = true) =>
        broker.Partition!.AppendAsync(
            LogFixture.Batch(1, LogFixture.Start + _batches++, valueSize: 20).Bytes, untilCommitted);

    public async Task UntilAsync(Func<bool> holds, string what = "what the story waits for")
    {
        for (var waited = TimeSpan.Zero; !holds(); waited += Moment)
        {
            Assert.True(waited < Patience, $"{what} never comes: {this}");
            await Task.Delay(Moment, World);
        }
    }

    /// <summary>Waits until the leader leads as was decided last: one that was elected again may have led before, and
    /// refuses what it is sent between the two.</summary>
    public Task UntilLedAsync() => UntilAsync(
        () => Leader.Partition?.View is { Role: PartitionRole.Leader } view && view.LeaderEpoch == Decided.LeaderEpoch,
        "a leader");

    /// <summary>Waits until all replicas that are up have what the leader has, and know that it is committed.</summary>
    public Task LevelAsync() => UntilAsync(
        () => Up.Where(broker => Decided.Replicas.Contains(broker.Id)).All(
            broker => broker.Partition?.View.Log?.End == Leader.Log.End && broker.View.HighWatermark == Leader.Log.End),
        "level logs");

    public Task PassAsync(TimeSpan time) => Task.Delay(time, World);

    public override string ToString() =>
        $"decided {Decided.Leader} e{Decided.LeaderEpoch} isr [{string.Join(',', Decided.Isr)}], " + string.Join("; ",
            Up.Where(b => b.Partition is not null).Select(b => $"{b.Id}: {b.View.Role} e{b.View.LeaderEpoch} "
                + $"hw {b.View.HighWatermark} end {b.View.Log?.End} flushed {b.View.Log?.FlushedOffset}"));

    private void LeaveIsr(int id)
    {
        if (State.FindPartition(new TopicPartition(TopicName, 0)) is { } partition
            && partition.Isr.Length > 1 && partition.Isr.Contains(new BrokerId(id)))
        {
            Decide(Change(isr: partition.Isr.Remove(new BrokerId(id))));
        }
    }
}
