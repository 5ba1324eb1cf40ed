using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Wire;
using Barnabas.Wire.Messages;
using Asked = Barnabas.Wire.Messages.AlterPartitionRequest.PartitionData;

namespace Barnabas.Tests.Unit.Cluster.Partitions;

public sealed class AlterPartitionTests
{
    /// <summary>Broker 1 leads t-0 in epoch 4; 2 is in sync, 3 is not, 4 holds no replica.</summary>
    private static readonly ClusterState State = Sample.Brokers(4).WithTopic("t", [1, 2, 3]).Apply(
        new PartitionRecord
        {
            TopicId = Topic,
            PartitionId = 0,
            Replicas = Sample.Ids(1, 2, 3),
            Isr = Sample.Ids(1, 2),
            Leader = new(1),
            LeaderEpoch = new(4),
            PartitionEpoch = 9,
            Directories = [.. new[] { 1, 2, 3 }.Select(Sample.DirectoryOf)],
        });

    private static TopicId Topic => new(new Uuid(5, 1000));

    public static TheoryData<string, ErrorCode> Requests => new()
    {
        { "grows", ErrorCode.None },
        { "shrinks", ErrorCode.None },
        { "same", ErrorCode.None },
        { "grows, epochs unknown", ErrorCode.None },
        { "unknown topic", ErrorCode.UnknownTopicId },
        { "no topic id", ErrorCode.UnknownTopicId },
        { "unknown partition", ErrorCode.UnknownTopicOrPartition },
        { "leader epoch ahead", ErrorCode.NotController },
        { "partition epoch ahead", ErrorCode.NotController },
        { "leader epoch behind", ErrorCode.FencedLeaderEpoch },
        { "partition epoch behind", ErrorCode.InvalidUpdateVersion },
        { "not the leader", ErrorCode.InvalidRequest },
        { "without the leader", ErrorCode.InvalidRequest },
        { "empty", ErrorCode.InvalidRequest },
        { "twice", ErrorCode.InvalidRequest },
        { "no replica", ErrorCode.InvalidRequest },
        { "recovering again", ErrorCode.InvalidRequest },
        { "recovery unheard of", ErrorCode.InvalidRequest },
        { "fenced", ErrorCode.IneligibleReplica },
        { "stops", ErrorCode.IneligibleReplica },
        { "unregistered", ErrorCode.IneligibleReplica },
        { "restarted", ErrorCode.IneligibleReplica },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void Requests_are_checked(string what, ErrorCode code)
    {
        var (state, broker) = (State, 1);
        var asked = new Asked
        {
            PartitionIndex = what == "unknown partition" ? 7 : 0,
            LeaderEpoch = new(what switch { "leader epoch ahead" => 5, "leader epoch behind" => 3, _ => 4 }),
            PartitionEpoch = what switch { "partition epoch ahead" => 10, "partition epoch behind" => 8, _ => 9 },
            NewIsrWithEpochs = [Of(1), Of(2), Of(3)],
        };
        switch (what)
        {
            case "shrinks": asked.NewIsrWithEpochs = [Of(1)]; break;
            case "same": asked.NewIsrWithEpochs = [Of(1), Of(2)]; break;
            case "grows, epochs unknown": asked.NewIsrWithEpochs = [Of(1, -1), Of(3, -1)]; break;
            case "not the leader": broker = 2; break;
            case "without the leader": asked.NewIsrWithEpochs = [Of(2), Of(3)]; break;
            case "empty": asked.NewIsrWithEpochs = []; break;
            case "twice": asked.NewIsrWithEpochs.Add(Of(2)); break;
            case "no replica": asked.NewIsrWithEpochs.Add(Of(4)); break;
            case "recovering again": (asked.NewIsrWithEpochs, asked.LeaderRecoveryState) = ([Of(1)], 1); break;
            case "recovery unheard of": asked.LeaderRecoveryState = 2; break;
            case "fenced": state = state.Fence(3); break;
            case "stops": state = state.After(FenceBroker.ShutDown(state, new(3), 3, Sample.Configs)); break;
            case "unregistered": state = state.Apply(new UnregisterBrokerRecord { BrokerId = new(3) }); break;
            case "restarted": asked.NewIsrWithEpochs[2] = Of(3, 2); break;
        }

        var topic = what switch
        {
            "unknown topic" => new TopicId(new Uuid(8, 8)),
            "no topic id" => TopicId.None,
            _ => Topic,
        };
        var decision = Decide(state, broker, topic, asked);
        var told = Assert.Single(Assert.Single(decision.Answer.Topics).Partitions);
        Assert.Equal((ErrorCode.None, code), (decision.Answer.ErrorCode, told.ErrorCode));
        Assert.Equal(code == ErrorCode.None && what != "same" ? 1 : 0, decision.Records.Count);
    }

    [Fact]
    public void The_answer_tells_how_the_partition_stands_after_the_change()
    {
        var decision = Decide(State, 1, Topic, Current(State, [Of(1), Of(3)]));
        var told = decision.Answer.Topics[0].Partitions[0];
        Assert.Equal(
            (new BrokerId(1), new LeaderEpoch(4), 10, (sbyte)0),
            (told.LeaderId, told.LeaderEpoch, told.PartitionEpoch, told.LeaderRecoveryState));
        Assert.Equal(Sample.Ids(1, 3), told.Isr);
        Assert.Equal("1 of 1,2,3 isr 1,3", State.After(decision).Short());
    }

    [Fact]
    public void Version_2_names_brokers_without_their_epochs()
    {
        var asked = Current(State, []);
        asked.NewIsr = Sample.Ids(1, 2, 3);
        Assert.Equal("1 of 1,2,3 isr 1,2,3", State.After(Decide(State, 1, Topic, asked)).Short());
    }

    [Theory]
    [InlineData(1, 7)]
    [InlineData(9, 1)]
    public void A_broker_of_an_earlier_registration_is_refused(int broker, long epoch)
    {
        var request = new AlterPartitionRequest { BrokerId = new(broker), BrokerEpoch = epoch };
        Assert.Equal(
            ErrorCode.StaleBrokerEpoch, AlterPartition.Decide(State, request, Sample.Configs).Answer.ErrorCode);
    }

    [Fact]
    public void A_partition_that_is_named_twice_changes_once()
    {
        var request = Request(1, Topic, Current(State, [Of(1)]), Current(State, [Of(1), Of(2), Of(3)]));
        var decision = AlterPartition.Decide(State, request, Sample.Configs);
        Assert.Equal(
            [ErrorCode.None, ErrorCode.InvalidUpdateVersion],
            decision.Answer.Topics[0].Partitions.Select(partition => partition.ErrorCode));
        Assert.Equal("1 of 1,2,3 isr 1", State.After(decision).Short());
    }

    [Fact]
    public void A_leader_that_recovered_says_so_and_only_then_others_are_in_sync()
    {
        var state = State.Changed(change => (change.Isr, change.LeaderRecoveryState) = (Sample.Ids(1), 1));
        var recovering = Current(state, [Of(1), Of(2)]);
        recovering.LeaderRecoveryState = 1;
        Assert.Equal(
            ErrorCode.InvalidRequest,
            Decide(state, 1, Topic, recovering).Answer.Topics[0].Partitions[0].ErrorCode);
        Assert.Equal("1 of 1,2,3 isr 1,2", Isr(state, Sample.Configs, 1, 2).Short());
    }

    [Theory]
    [InlineData(11, 5)]
    [InlineData(12, 4)]
    public void A_smaller_isr_begins_an_epoch_only_where_brokers_need_it(short metadataVersion, int epoch)
    {
        var state = State.Apply(new FeatureLevelRecord { Name = "metadata.version", FeatureLevel = metadataVersion });
        var after = state.After(Decide(state, 1, Topic, Current(state, [Of(1)])));
        Assert.Equal(epoch, after.Topics["t"].Partitions[0].LeaderEpoch.Value);
    }

    /// <summary>The state after the leader of the first partition said who is in sync.</summary>
    internal static ClusterState Isr(ClusterState state, EffectiveConfigs configs, params int[] isr)
    {
        var topic = state.Topics.First().Value;
        var leader = topic.Partitions[0].Leader;
        var asked = Current(state, [.. isr.Select(id => Of(id, Sample.EpochOf(state, id)))]);
        var request = Request(leader.Value, topic.Id, asked);
        request.BrokerEpoch = Sample.EpochOf(state, leader.Value);
        var decision = AlterPartition.Decide(state, request, configs);
        Assert.Equal(ErrorCode.None, decision.Answer.ErrorCode);
        return state.After(decision);
    }

    private static Asked Current(ClusterState state, List<AlterPartitionRequest.BrokerState> isr)
    {
        var partition = state.Topics.First().Value.Partitions[0];
        return new()
        {
            PartitionIndex = 0,
            LeaderEpoch = partition.LeaderEpoch,
            PartitionEpoch = partition.PartitionEpoch,
            NewIsrWithEpochs = isr,
        };
    }

    private static AlterPartitionRequest.BrokerState Of(int broker, long? epoch = null) =>
        new() { BrokerId = new(broker), BrokerEpoch = epoch ?? broker };

    private static AlterPartitionRequest Request(int broker, TopicId topic, params Asked[] asked) => new()
    {
        BrokerId = new(broker),
        BrokerEpoch = broker,
        Topics = [new() { TopicId = topic, Partitions = [.. asked] }],
    };

    private static Decision<AlterPartitionResponse, ITypedRecord> Decide(
        ClusterState state, int broker, TopicId topic, Asked asked) =>
        AlterPartition.Decide(state, Request(broker, topic, asked), Sample.Configs);
}
