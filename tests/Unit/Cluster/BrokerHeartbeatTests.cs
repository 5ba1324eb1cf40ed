using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Sim;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Cluster;

/// <summary>What a broker's heartbeat does, and when silence counts.</summary>
public sealed class BrokerHeartbeatTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(9);

    /// <summary>How broker 1 stands, what it asks for, what it is told, and how it stands then.</summary>
    public static TheoryData<string, string, string, string> Heartbeats => new()
    {
        { "fenced", "", "caught up", "active" },
        { "fenced", "behind", "fenced", "fenced" },
        { "fenced", "fence", "caught up, fenced", "fenced" },
        { "fenced", "stop", "caught up, fenced, may stop", "fenced" },
        { "active", "", "caught up", "active" },
        { "active", "behind", "", "active" },
        { "active", "fence", "caught up, fenced", "fenced" },
        { "active", "fence, stop", "caught up, fenced, may stop", "fenced" },
        { "active", "stop", "caught up", "stopping" },
        { "active, leads nothing", "stop", "caught up, fenced, may stop", "fenced" },
        { "stopping", "stop", "caught up", "stopping" },
        { "stopping", "stop, known", "caught up, fenced, may stop", "fenced" },
        { "stopping, fenced", "", "caught up, fenced", "fenced" },
        { "active", "no directory", "caught up, fenced", "fenced" },
        { "fenced", "no directory", "caught up, fenced", "fenced" },
    };

    [Theory]
    [MemberData(nameof(Heartbeats))]
    public void A_broker_gets_what_it_asks_for(string before, string asks, string told, string after)
    {
        var state = Sample.Brokers(3).WithTopic(
            "t", before.EndsWith("leads nothing", StringComparison.Ordinal) ? [2, 1] : [1, 2]);
        if (before.StartsWith("stopping", StringComparison.Ordinal))
            state = state.After(FenceBroker.ShutDown(state, new(1), 1, Sample.Configs));
        if (before.EndsWith("fenced", StringComparison.Ordinal))
            state = state.Fence(1);
        var request = new BrokerHeartbeatRequest
        {
            BrokerId = new(1),
            BrokerEpoch = 1,
            CurrentMetadataOffset = new(asks.Contains("behind", StringComparison.Ordinal) ? 0 : 1),
            WantFence = asks.Contains("fence", StringComparison.Ordinal),
            WantShutDown = asks.Contains("stop", StringComparison.Ordinal),
            OfflineLogDirs = asks == "no directory" ? [Sample.DirectoryOf(1)] : [],
        };
        var decision = BrokerHeartbeat.Decide(
            state, request, asks.Contains("known", StringComparison.Ordinal), Sample.Configs);

        var answer = decision.Answer;
        var says = new[]
        {
            answer.IsCaughtUp ? "caught up" : null, answer.IsFenced ? "fenced" : null,
            answer.ShouldShutDown ? "may stop" : null,
        };
        Assert.Equal(told, string.Join(", ", says.OfType<string>()));
        var broker = state.After(decision).Brokers[new(1)];
        Assert.Equal(after, broker.Fenced ? "fenced" : broker.InControlledShutdown ? "stopping" : "active");
        if (after != "active")
            Assert.Equal(new BrokerId(2), state.After(decision).Topics["t"].Partitions[0].Leader);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 2)]
    [InlineData(9, 9)]
    public void A_process_that_is_not_the_one_registered_is_told_so(int broker, long epoch)
    {
        var request = new BrokerHeartbeatRequest { BrokerId = new(broker), BrokerEpoch = epoch };
        var decision = BrokerHeartbeat.Decide(Sample.Brokers(1), request, stopIsKnown: true, Sample.Configs);
        Assert.Equal(ErrorCode.StaleBrokerEpoch, decision.Answer.ErrorCode);
        Assert.Empty(decision.Records);
    }

    [Fact]
    public void Replicas_in_a_directory_that_failed_move_on_and_the_rest_stays()
    {
        var (good, bad) = (Sample.DirectoryOf(1), new Uuid(77, 999));
        var state = Sample.Brokers(2).WithTopic("t", [1, 2], [1, 2]);
        state = state
            .Apply(new BrokerRegistrationChangeRecord { BrokerId = new(1), BrokerEpoch = 1, LogDirs = [good, bad] })
            .Changed(change => change.Directories = [bad, Sample.DirectoryOf(2)]);
        var request = new BrokerHeartbeatRequest
        {
            BrokerId = new(1),
            BrokerEpoch = 1,
            CurrentMetadataOffset = new(5),
            OfflineLogDirs = [bad],
        };

        var decision = BrokerHeartbeat.Decide(state, request, stopIsKnown: false, Sample.Configs);
        var after = state.After(decision);
        Assert.Equal(["2 of 1,2 isr 2", "1 of 1,2 isr 1,2"], after.Topics["t"].Partitions.Select(p => p.Value.Short()));
        Assert.Equal([good], after.Brokers[new(1)].LogDirs);
        Assert.False(decision.Answer.IsFenced);
        Assert.Empty(BrokerHeartbeat.Decide(after, request, stopIsKnown: false, Sample.Configs).Records);

        // It does not lead what is in the failed directory when the other leader goes.
        Assert.Equal(BrokerId.None, after.Fence(2).Topics["t"].Partitions[0].Leader);
    }

    [Fact]
    public void Who_is_silent_for_longer_than_a_session_is_named_once()
    {
        var (sessions, world) = New(Sample.Brokers(3).Fence(3));
        world.RunFor(TimeSpan.FromSeconds(5));
        sessions.Touch(new(2), 2);
        Assert.Empty(sessions.Stale());
        world.RunFor(TimeSpan.FromSeconds(4));
        Assert.Equal(Sample.Ids(1), sessions.Stale());
        Assert.Empty(sessions.Stale());
        Assert.Equal((false, true, false), (Lives(sessions, 1), Lives(sessions, 2), Lives(sessions, 3)));
        sessions.Touch(new(1), 1);
        Assert.True(Lives(sessions, 1));
    }

    [Fact]
    public void A_sign_of_life_of_an_earlier_process_does_not_count()
    {
        var (sessions, world) = New(Sample.Brokers(1));
        sessions.Touch(new(1), 7);
        world.RunFor(TimeSpan.FromSeconds(8));
        sessions.Touch(new(1), 1);
        world.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(Sample.Ids(1), sessions.Stale());
    }

    [Fact]
    public void A_broker_stops_once_all_others_know_of_it()
    {
        var state = Sample.Brokers(3).WithTopic("t", [1, 2]);
        var (sessions, _) = New(state);
        Assert.Equal("caught up", Hear(1, 5, stop: true));
        Assert.True(state.Brokers[new(1)].InControlledShutdown);
        Assert.Equal("caught up", Hear(1, 12, stop: true));
        Assert.Equal("caught up", Hear(2, 11));
        Assert.Equal("caught up", Hear(1, 12, stop: true));
        Assert.Equal("caught up", Hear(3, 10));
        Assert.Equal("caught up", Hear(1, 12, stop: true));
        Assert.Equal("caught up", Hear(3, 11));
        Assert.Equal("caught up, may stop", Hear(1, 12, stop: true));
        Assert.True(state.Brokers[new(1)].Fenced);

        // The records of the first word got the offsets 10 and 11.
        string Hear(int id, long applied, bool stop = false)
        {
            var request = new BrokerHeartbeatRequest
            {
                BrokerId = new(id),
                BrokerEpoch = id,
                CurrentMetadataOffset = new(applied),
                WantShutDown = stop,
            };
            var decision = sessions.Hear(state, request, nextOffset: 10, Sample.Configs);
            Assert.Equal(ErrorCode.None, decision.Answer.ErrorCode);
            state = state.After(decision);
            return decision.Answer.ShouldShutDown ? "caught up, may stop" : "caught up";
        }
    }

    [Fact]
    public void A_new_controller_waits_for_everybody_before_a_broker_stops()
    {
        var state = Sample.Brokers(2).WithTopic("t", [1, 2]);
        state = state.After(FenceBroker.ShutDown(state, new(1), 1, Sample.Configs));
        var (sessions, _) = New(state);
        var asks = new BrokerHeartbeatRequest
        {
            BrokerId = new(1),
            BrokerEpoch = 1,
            CurrentMetadataOffset = new(30),
            WantShutDown = true,
        };
        Assert.False(sessions.Hear(state, asks, nextOffset: 30, Sample.Configs).Answer.ShouldShutDown);
        Assert.False(sessions.Hear(state, asks, nextOffset: 30, Sample.Configs).Answer.ShouldShutDown);
        sessions.Touch(new(2), 2, applied: 29);
        Assert.True(sessions.Hear(state, asks, nextOffset: 30, Sample.Configs).Answer.ShouldShutDown);
    }

    private static bool Lives(BrokerSessions sessions, int broker) => sessions.IsAlive(new(broker));

    private static (BrokerSessions Sessions, World World) New(ClusterState state)
    {
        var world = new World(seed: 1);
        var sessions = new BrokerSessions(world, Timeout);
        sessions.Reset(state);
        return (sessions, world);
    }
}
