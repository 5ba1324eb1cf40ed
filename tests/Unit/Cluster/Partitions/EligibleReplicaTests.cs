using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Cluster.Partitions;

/// <summary>Who may lead when nobody is in sync (KIP-966): stories of one partition on brokers 1, 2 and 3, of which two
/// have to be in sync.</summary>
public sealed class EligibleReplicaTests
{
    private static readonly EffectiveConfigs Configs = Sample.ConfigsOf(("min.insync.replicas", "2"));
    private static readonly EffectiveConfigs Daring = Sample.ConfigsOf(
        ("min.insync.replicas", "2"), ("unclean.leader.election.enable", "true"));

    /// <summary>What happens: a fencing, an unfencing, a clean or a dirty restart of a broker; and what becomes of the
    /// partition.</summary>
    public static TheoryData<string, string> Stories => new()
    {
        { "fence 3", "1 of 1,2,3 isr 1,2" },
        { "fence 3, fence 2", "1 of 1,2,3 isr 1 elr 2" },
        { "fence 3, fence 2, fence 1", "-1 of 1,2,3 isr  elr 1,2 last 1" },
        { "fence 3, fence 2, fence 1, unfence 3", "-1 of 1,2,3 isr  elr 1,2 last 1" },
        { "fence 3, fence 2, fence 1, unfence 2", "2 of 1,2,3 isr 2 elr 1" },
        { "fence 3, fence 2, fence 1, clean 2, unfence 2", "2 of 1,2,3 isr 2 elr 1" },
        { "fence 3, fence 2, fence 1, dirty 2, unfence 2", "-1 of 1,2,3 isr  elr 1 last 1" },
        { "fence 3, fence 2, fence 1, dirty 2, unfence 2, unfence 1", "1 of 1,2,3 isr 1" },
        { "fence 3, fence 2, fence 1, dirty 2, dirty 1, unfence 2", "-1 of 1,2,3 isr  last 1" },
        { "fence 3, fence 2, fence 1, dirty 2, dirty 1, unfence 2, unfence 1", "1 of 1,2,3 isr 1*" },
        { "fence 3, fence 2, dirty 2", "1 of 1,2,3 isr 1" },
        { "dirty 1", "2 of 1,2,3 isr 2,3" },
        { "fence 3, dirty 1", "2 of 1,2,3 isr 2" },
        { "fence 3, clean 1", "2 of 1,2,3 isr 2 elr 1" },
    };

    [Theory]
    [MemberData(nameof(Stories))]
    public void Who_holds_everything_is_known_until_it_is_lost(string story, string outcome) =>
        Assert.Equal(outcome, Tell(story, Configs).Short());

    [Theory]
    [InlineData("fence 3, fence 2, fence 1, unfence 3", "3 of 1,2,3 isr 3*")]
    [InlineData("fence 3, fence 2, fence 1, unfence 2", "2 of 1,2,3 isr 2 elr 1")]
    public void An_unclean_leader_is_taken_last_and_takes_the_others_eligibility(string story, string outcome) =>
        Assert.Equal(outcome, Tell(story, Daring).Short());

    [Fact]
    public void Nobody_is_eligible_any_more_once_enough_are_in_sync()
    {
        var state = Tell("fence 3, fence 2, unfence 3", Configs);
        Assert.Equal("1 of 1,2,3 isr 1 elr 2", state.Short());
        Assert.Equal("1 of 1,2,3 isr 1,3", AlterPartitionTests.Isr(state, Configs, 1, 3).Short());
    }

    [Fact]
    public void An_unregistered_broker_is_eligible_for_nothing()
    {
        var state = Tell("fence 3, fence 2, fence 1", Configs);
        state = state.After(UnregisterBroker.Decide(state, new() { BrokerId = new(2) }, Configs));
        Assert.Equal("-1 of 1,2,3 isr  elr 1 last 1", state.Short());
        Assert.False(state.Brokers.ContainsKey(new(2)));
        var again = UnregisterBroker.Decide(state, new() { BrokerId = new(2) }, Configs);
        Assert.Equal(ErrorCode.BrokerIdNotRegistered, again.Answer.ErrorCode);
        Assert.Equal("Broker ID 2 is not currently registered", again.Answer.ErrorMessage);
    }

    [Fact]
    public void A_registration_of_an_older_version_is_taken_for_clean()
    {
        var state = Tell("fence 3", Configs);
        var request = Sample.Introduction(1, incarnation: 5);
        var membership = new Membership("c", 50, _ => false);
        var after = state.After(RegisterBroker.Decide(state, request, membership, Configs, saysHowItStopped: false));
        Assert.Equal("2 of 1,2,3 isr 2 elr 1", after.Short());
    }

    [Theory]
    [InlineData(ConfigResourceType.Topic, "t", "3", null)]
    [InlineData(ConfigResourceType.Broker, "", "3", null)]
    [InlineData(ConfigResourceType.Broker, "1", "3", "Broker-level min.insync.replicas cannot be altered while ELR is "
        + "enabled.")]
    [InlineData(ConfigResourceType.Broker, "", null, "Cluster-level min.insync.replicas cannot be removed while ELR is "
        + "enabled.")]
    public void Another_minimum_begins_anew(ConfigResourceType type, string name, string? value, string? fault)
    {
        var set = new ConfigRecord
        {
            ResourceType = (sbyte)ConfigResourceType.Broker,
            Name = "min.insync.replicas",
            Value = "2",
        };
        var state = Tell("fence 3, fence 2", Configs).Apply(set);
        var request = new IncrementalAlterConfigsRequest
        {
            Resources =
            [
                new()
                {
                    ResourceType = (sbyte)type,
                    ResourceName = name,
                    Configs =
                    [
                        new()
                        {
                            Name = "min.insync.replicas",
                            ConfigOperation = (sbyte)(value is null ? 1 : 0),
                            Value = value,
                        },
                    ],
                },
            ],
        };
        var decision = IncrementalAlterConfigs.Decide(state, request, Configs);
        Assert.Equal(fault, decision.Answer.Responses[0].ErrorMessage);
        Assert.Equal(
            fault is null ? "1 of 1,2,3 isr 1" : "1 of 1,2,3 isr 1 elr 2", state.After(decision).Short());
    }

    internal static ClusterState Tell(string story, EffectiveConfigs configs)
    {
        var state = Sample.EligibleBrokers(3).WithTopic("t", [1, 2, 3]);
        foreach (var step in story.Split(", "))
        {
            var (what, id) = (step.Split(' ')[0], int.Parse(step.Split(' ')[1]));
            state = what switch
            {
                "fence" => state.Fence(id, configs),
                "unfence" => state.Unfence(id, configs),
                _ => state.Restart(id, cleanly: what == "clean", configs),
            };
        }

        return state;
    }
}
