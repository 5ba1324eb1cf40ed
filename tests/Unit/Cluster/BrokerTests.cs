using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Journal;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Cluster;

public sealed class BrokerTests
{
    private static readonly BrokerId One = new(1);
    private static readonly TopicPartition T0 = new("t", 0);

    public static TheoryData<string, ErrorCode> Registrations => new()
    {
        { "good", ErrorCode.None },
        { "other cluster", ErrorCode.InconsistentClusterId },
        { "no directory", ErrorCode.InvalidRegistration },
        { "reserved directory", ErrorCode.InvalidRegistration },
        { "same directory twice", ErrorCode.InvalidRegistration },
        { "directory of another", ErrorCode.InvalidRegistration },
        { "metadata.version too old", ErrorCode.UnsupportedVersion },
        { "metadata.version missing", ErrorCode.UnsupportedVersion },
        { "migrating", ErrorCode.BrokerIdNotRegistered },
    };

    [Theory]
    [MemberData(nameof(Registrations))]
    public void Registrations_are_checked(string what, ErrorCode code)
    {
        var state = Sample.Brokers(2).Apply(new FeatureLevelRecord { Name = "metadata.version", FeatureLevel = 29 });
        var request = Registration(5);
        switch (what)
        {
            case "other cluster": request.ClusterId = "d"; break;
            case "no directory": request.LogDirs = []; break;
            case "reserved directory": request.LogDirs = [Uuid.LostDirectory]; break;
            case "same directory twice": request.LogDirs.Add(request.LogDirs[0]); break;
            case "directory of another": request.LogDirs = [Sample.DirectoryOf(1)]; break;
            case "metadata.version too old": request.Features[0].MaxSupportedVersion = 28; break;
            case "metadata.version missing": request.Features = []; break;
            case "migrating": request.IsMigratingZkBroker = true; break;
        }

        var decision = Register(state, request, 100);
        Assert.Equal(code, decision.Answer.ErrorCode);
        Assert.Equal(code == ErrorCode.None ? 100 : -1, decision.Answer.BrokerEpoch);
        Assert.Equal(code == ErrorCode.None, state.After(decision).Brokers.ContainsKey(new BrokerId(5)));
    }

    [Fact]
    public void A_broker_begins_fenced_and_leads_once_unfenced()
    {
        var state = ClusterState.Empty.After(Register(ClusterState.Empty, Registration(1), 7));
        Assert.True(state.Brokers[One].Fenced);
        Assert.Equal(ErrorCode.StaleBrokerEpoch, FenceBroker.Unfence(state, One, 6, Sample.Configs).Answer);
        state = state.After(FenceBroker.Unfence(state, One, 7, Sample.Configs));
        Assert.True(state.IsActive(One));
        Assert.Empty(FenceBroker.Unfence(state, One, 7, Sample.Configs).Records);
    }

    [Fact]
    public void A_second_process_is_refused_while_the_first_is_heard_of()
    {
        var state = Sample.Brokers(1);
        var request = Registration(1);
        var alive = new Membership("c", 9, _ => true);
        var refused = RegisterBroker.Decide(state, request, alive, Sample.Configs);
        Assert.Equal(ErrorCode.DuplicateBrokerRegistration, refused.Answer.ErrorCode);

        request.IncarnationId = state.Brokers[One].IncarnationId;
        var same = RegisterBroker.Decide(state, request, alive, Sample.Configs);
        Assert.Equal((ErrorCode.None, 1L), (same.Answer.ErrorCode, same.Answer.BrokerEpoch));
        Assert.False(state.After(same).Brokers[One].Fenced);
    }

    [Fact]
    public void The_last_replica_in_sync_stays_named_without_a_leader_and_leads_in_a_new_epoch_when_back()
    {
        var state = Sample.Brokers(1).WithTopic("t", [1]);
        var request = Registration(1);
        request.LogDirs = [Sample.DirectoryOf(1)];
        state = state.After(Register(state, request, 50));
        var partition = state.FindPartition(T0)!;
        Assert.Equal(BrokerId.None, partition.Leader);
        Assert.Equal([One], partition.Isr);

        state = state.After(FenceBroker.Unfence(state, One, 50, Sample.Configs));
        partition = state.FindPartition(T0)!;
        Assert.Equal((One, 2), (partition.Leader, partition.LeaderEpoch.Value));
    }

    [Fact]
    public void Leadership_goes_to_the_next_replica_in_sync_when_the_leader_is_fenced_or_stops()
    {
        var state = Sample.Brokers(3).WithTopic("t", [1, 2, 3]);
        foreach (var after in new[]
        {
            state.After(FenceBroker.Fence(state, One, 1, Sample.Configs)),
            state.After(FenceBroker.ShutDown(state, One, 1, Sample.Configs)),
            state.After(UnregisterBroker.Decide(state, new() { BrokerId = One }, Sample.Configs)),
        })
        {
            var partition = after.FindPartition(T0)!;
            Assert.Equal(new BrokerId(2), partition.Leader);
            Assert.Equal(Sample.Ids(2, 3), partition.Isr);
            Assert.Equal((1, 1), (partition.LeaderEpoch.Value, partition.PartitionEpoch));
        }
    }

    [Fact]
    public void A_follower_that_goes_leaves_the_leader_and_its_epoch()
    {
        var state = Sample.Brokers(2).WithTopic("t", [1, 2]);
        var partition = state.After(FenceBroker.Fence(state, new BrokerId(2), 2, Sample.Configs)).FindPartition(T0)!;
        Assert.Equal((One, 0, 1), (partition.Leader, partition.LeaderEpoch.Value, partition.PartitionEpoch));
        Assert.Equal([One], partition.Isr);
    }

    [Fact]
    public void An_unclean_leader_is_taken_only_where_the_topic_allows_it()
    {
        var state = Sample.Brokers(2).WithTopic("t", [1, 2]);
        state = state.After(FenceBroker.Fence(state, new BrokerId(2), 2, Sample.Configs));
        state = state.After(FenceBroker.Unfence(state, new BrokerId(2), 2, Sample.Configs));
        Assert.Equal([One], state.FindPartition(T0)!.Isr);

        var kept = state.After(FenceBroker.Fence(state, One, 1, Sample.Configs)).FindPartition(T0)!;
        Assert.Equal(BrokerId.None, kept.Leader);
        Assert.Equal([One], kept.Isr);

        var daring = Sample.ConfigsOf(("unclean.leader.election.enable", "true"));
        var taken = state.After(FenceBroker.Fence(state, One, 1, daring)).FindPartition(T0)!;
        Assert.Equal(new BrokerId(2), taken.Leader);
        Assert.Equal(Sample.Ids(2), taken.Isr);
        Assert.Equal(LeaderRecoveryState.Recovering, taken.RecoveryState);
    }

    [Fact]
    public void Blocks_of_producer_ids_follow_each_other_and_go_to_registered_brokers_alone()
    {
        var state = Sample.Brokers(1);
        for (var block = 0; block < 3; block++)
        {
            var decision = AllocateProducerIds.Decide(state, new() { BrokerId = One, BrokerEpoch = 1 });
            Assert.Equal(
                (block * 1000L, 1000), (decision.Answer.ProducerIdStart.Value, decision.Answer.ProducerIdLen));
            state = state.After(decision);
        }

        var stale = AllocateProducerIds.Decide(state, new() { BrokerId = One, BrokerEpoch = 2 });
        Assert.Equal(ErrorCode.StaleBrokerEpoch, stale.Answer.ErrorCode);
        var last = state.Apply(new ProducerIdsRecord { NextProducerId = new ProducerId(long.MaxValue - 5) });
        Assert.Equal(
            ErrorCode.UnknownServerError,
            AllocateProducerIds.Decide(last, new() { BrokerId = One, BrokerEpoch = 1 }).Answer.ErrorCode);
    }

    private static Decision<BrokerRegistrationResponse, ITypedRecord> Register(
        ClusterState state, BrokerRegistrationRequest request, long nextOffset) =>
        RegisterBroker.Decide(state, request, new Membership("c", nextOffset, _ => false), Sample.Configs);

    private static BrokerRegistrationRequest Registration(int id) => new()
    {
        BrokerId = new BrokerId(id),
        ClusterId = "c",
        IncarnationId = new Uuid(55, 555),
        Listeners = [new() { Name = "PLAINTEXT", Host = "h", Port = 9092 }],
        Features = [new() { Name = "metadata.version", MinSupportedVersion = 1, MaxSupportedVersion = 29 }],
        LogDirs = [new Uuid(55, 556)],
    };
}
