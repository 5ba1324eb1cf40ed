using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Node.Configuration;
using Barnabas.Sim;
using Barnabas.Tests.Unit.Cluster;
using Barnabas.Tests.Unit.Journal;
using Barnabas.Transactions;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Transactions;

/// <summary>A coordinator of one shard, in a simulated world, over a list that outlives it; partitions answer what the
/// test says.</summary>
internal sealed class CoordinatorStory : IMarkerWriter
{
    private readonly List<TransactionRecord> _kept;
    private readonly Host _host;
    private readonly EffectiveConfigs _configs;

    public CoordinatorStory(List<TransactionRecord>? kept = null, int epoch = 1, params string[] overrides)
    {
        World = new World(1);
        _kept = kept ?? [];
        _host = World.NewHost(new SimDisk(1));
        _configs = new EffectiveConfigs(ServerConfigLoader.Load(
            new ConfigInputs { Overrides = ["log.dirs=/data", .. overrides] }).Configs!);
        Epoch = epoch;
    }

    public World World { get; }

    /// <summary>The epoch in which the shard is led.</summary>
    public int Epoch { get; }

    public TransactionCoordinator Coordinator { get; private set; } = null!;

    /// <summary>What is kept.</summary>
    public IReadOnlyList<TransactionRecord> Kept => _kept;

    /// <summary>What partitions were told, in order.</summary>
    public List<(TransactionPartition Partition, TransactionMarkerToWrite Marker)> Told { get; } = [];

    /// <summary>What a partition answers; None unless said otherwise.</summary>
    public Dictionary<TransactionPartition, ErrorCode> Answers { get; } = [];

    public TransactionStatus? Status => Coordinator.Find("t")?.Committed.Find("t")?.Status;

    public async Task<ErrorCode> WriteAsync(TransactionPartition partition, TransactionMarkerToWrite marker)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(1), World);
        Told.Add((partition, marker));
        return Answers.GetValueOrDefault(partition);
    }

    private ProducerIds IdsOf(Machine<ClusterState, ITypedRecord> controller) => new(
        _host, new BrokerId(1), () => controller.Committed.Visible, request => controller.CommandAsync(
            state => AllocateProducerIds.Decide(state, request),
            () => new AllocateProducerIdsResponse { ErrorCode = ErrorCode.NotController }));

    /// <summary>Tells a story of a coordinator that leads its shard.</summary>
    public void Tell(Func<Task> story) => World.Run(
        async () =>
        {
            var state = new[] { Sample.Registered(1), (ITypedRecord)new UnfenceBrokerRecord { Id = new BrokerId(1) } }
                .Aggregate(ClusterState.Empty, (before, record) => before.Apply(record))
                .Apply(new FeatureLevelRecord { Name = FeatureNames.TransactionVersion, FeatureLevel = 2 });
            var lane = _host.Lanes.NewLane("controller");
            var controller = new Machine<ClusterState, ITypedRecord>(
                lane, new ListJournal<ITypedRecord>(lane, 1, [Sample.Registered(1)]));
            await controller.StartAsync();
            Coordinator = new TransactionCoordinator(
                _host, _configs, IdsOf(controller), this,
                (shard, _, epoch) => new ListJournal<TransactionRecord>(shard, epoch, _kept));
            var leading = state.WithTopic(TopicNames.TransactionState, [1]);
            for (var i = 0; i < Epoch; i++)
                leading = leading.Apply(Elected(leading));
            Coordinator.OnChanged(ClusterState.Empty, leading);
            Coordinator.StartUpkeep();
            await SettleAsync();
            await story();
            await Coordinator.CloseAsync();
        },
        TimeSpan.FromDays(30));

    public Task SettleAsync(double seconds = 0.01) => Task.Delay(TimeSpan.FromSeconds(seconds), World);

    public Task<ProducerAnswer> InitAsync(ProducerIdentity? expected = null) =>
        Coordinator.InitProducerIdAsync(new InitProducerId("t", 60_000, expected));

    public Task<ErrorCode> AddAsync(ProducerIdentity producer, params TransactionPartition[] partitions) =>
        Coordinator.AddPartitionsAsync(new AddPartitions("t", producer, partitions, 2));

    public Task<ProducerAnswer> EndAsync(ProducerIdentity producer, bool commits) =>
        Coordinator.EndAsync(new EndTransaction("t", producer, commits, 2));

    private static PartitionChangeRecord Elected(ClusterState state) => new()
    {
        TopicId = state.Topics[TopicNames.TransactionState].Id,
        PartitionId = 0,
        Leader = new BrokerId(1),
    };
}
