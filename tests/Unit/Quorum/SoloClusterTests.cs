using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Quorum;
using Barnabas.Tests.Unit.Cluster;
using Barnabas.Wire;
using Barnabas.Wire.Messages;
using Controller = Barnabas.Journal.Machine<Barnabas.Cluster.ClusterState, Barnabas.Wire.ITypedRecord>;

namespace Barnabas.Tests.Unit.Quorum;

public sealed class SoloClusterTests
{
    private static readonly IReadOnlyList<ITypedRecord> Bootstrap =
        FinalizeFeatures.Records(new Dictionary<string, short> { ["metadata.version"] = 29 });

    [Fact]
    public void A_node_makes_its_cluster_once_and_leads_its_partitions_again_after_each_start()
    {
        var world = new SoloWorld(21);
        world.World.Run(async () =>
        {
            var (machine, journal) = await StartAsync(world);
            var epoch = await JoinAsync(machine, journal, Registration(1));
            Assert.Equal(4, epoch);
            Assert.Equal(29, machine.Committed.Features["metadata.version"]);
            var request = new CreateTopicsRequest
            {
                Topics = [new() { Name = "t", NumPartitions = 2, ReplicationFactor = 1 }],
            };
            var created = await machine.CommandAsync(
                state => CreateTopics.Decide(state, request, Sample.Rules), () => new CreateTopicsResponse());
            Assert.Equal(ErrorCode.None, Assert.Single(created.Topics).ErrorCode);
            var before = StateText.Of(machine.Committed);
            await journal.CloseAsync();

            (machine, journal) = await StartAsync(world);
            Assert.Equal(before, StateText.Of(machine.Committed));
            var next = await JoinAsync(machine, journal, Registration(2));
            Assert.True(next > epoch);
            var state = machine.Committed;
            Assert.True(state.IsActive(new BrokerId(1)));
            Assert.All(state.Topics["t"].Partitions, partition =>
                Assert.Equal((new BrokerId(1), 2), (partition.Value.Leader, partition.Value.LeaderEpoch.Value)));

            Assert.Equal(ErrorCode.None, await machine.CommandAsync(
                tip => FenceBroker.ShutDown(tip, new BrokerId(1), next, Sample.Configs),
                () => ErrorCode.NotController));
            Assert.Equal(BrokerId.None, machine.Committed.Topics["t"].Partitions[0].Leader);
        });
    }

    [Fact]
    public void A_log_of_a_static_quorum_of_one_keeps_its_form()
    {
        var world = new SoloWorld(22);
        world.World.Run(async () =>
        {
            await world.StartAsync();
            world.Disk.DeleteFile(Path.Combine(SoloWorld.Directory, SnapshotId.Bootstrap.FileName));
            world.Disk.Poke(world.LogFile(), []);
            var state = Path.Combine(SoloWorld.Directory, "quorum-state");
            const string form = """{"clusterId":"","leaderId":1,"leaderEpoch":@,"votedId":1,"appliedOffset":0,"""
                + """
                "currentVoters":[{"voterId":1}],"data_version":0}
                """;
            world.Disk.Poke(state, System.Text.Encoding.UTF8.GetBytes(form.Replace('@', '5')));

            var node = await world.StartAsync();
            Assert.Equal((6, 0, 1L), (node.Journal.Epoch, node.Journal.Voters.KRaftVersion, node.Journal.NextOffset));
            Assert.Equal(form.Replace('@', '6'), System.Text.Encoding.UTF8.GetString(world.Disk.Peek(state)));
            Assert.True(await node.AddAsync("a"));
            Assert.Equal(["a"], (await world.StartAsync()).Committed);
        });
    }

    private static async Task<(Controller Machine, SoloJournal Journal)> StartAsync(SoloWorld world)
    {
        var lane = world.World.NewLane("controller");
        var journal = await SoloJournal.OpenAsync(world.Host, lane, new SoloSettings(SoloWorld.LogDir, SoloWorld.Self));
        var machine = new Controller(lane, journal);
        await machine.StartAsync();
        return (machine, journal);
    }

    // What a node does at its start: it makes the cluster if that is new, registers, and is unfenced.
    private static async Task<long> JoinAsync(
        Controller machine, SoloJournal journal, BrokerRegistrationRequest request)
    {
        Assert.Equal(ErrorCode.None, await machine.CommandAsync(
            state => FinalizeFeatures.Decide(state, Bootstrap, Sample.Configs), () => ErrorCode.NotController));
        var answer = await machine.CommandAsync(
            state => RegisterBroker.Decide(
                state, request, new Membership("c", journal.NextOffset, _ => false), Sample.Configs),
            () => new BrokerRegistrationResponse { ErrorCode = ErrorCode.NotController });
        Assert.Equal(ErrorCode.None, answer.ErrorCode);
        Assert.Equal(ErrorCode.None, await machine.CommandAsync(
            state => FenceBroker.Unfence(state, request.BrokerId, answer.BrokerEpoch, Sample.Configs),
            () => ErrorCode.NotController));
        return answer.BrokerEpoch;
    }

    private static BrokerRegistrationRequest Registration(ulong incarnation) => new()
    {
        BrokerId = new BrokerId(1),
        ClusterId = "c",
        IncarnationId = new Uuid(1, incarnation),
        Listeners = [new() { Name = "PLAINTEXT", Host = "h", Port = 9092 }],
        Features = [new() { Name = "metadata.version", MinSupportedVersion = 7, MaxSupportedVersion = 29 }],
        LogDirs = [SoloWorld.Self.DirectoryId],
    };
}
