using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Cluster;

public sealed class FeatureTests
{
    private static readonly Dictionary<string, FeatureRange> Supported = new()
    {
        ["metadata.version"] = new(7, 29),
        ["group.version"] = new(0, 1),
        ["eligible.leader.replicas.version"] = new(0, 1),
    };

    private static readonly ClusterState State = ClusterState.Empty.After(FinalizeFeatures.Decide(
        ClusterState.Empty,
        FinalizeFeatures.Records(new Dictionary<string, short> { ["group.version"] = 0, ["metadata.version"] = 29 }),
        Sample.Configs));

    [Theory]
    [InlineData("group.version", 1, 1, null)]
    [InlineData("group.version", 2, 1, "The controller only supports versions 0-1")]
    [InlineData("group.version", -1, 1, "A feature version cannot be less than 0.")]
    [InlineData("group.version", 1, 2, "Can't downgrade to a newer version.")]
    [InlineData("group.version", 1, 0, "The controller does not support the given upgrade type.")]
    [InlineData("share.version", 1, 1, "The controller does not support this feature.")]
    [InlineData("metadata.version", 29, 1, null)]
    [InlineData(
        "metadata.version", 20, 1,
        "Can't downgrade the version of this feature without setting the upgrade type to either safe or "
            + "unsafe downgrade.")]
    [InlineData(
        "metadata.version", 22, 2,
        "Refusing to perform the requested downgrade because it might delete metadata information.")]
    [InlineData("metadata.version", 23, 2, null)]
    [InlineData("metadata.version", 28, 3, "Unsafe metadata downgrade is not supported in this version.")]
    [InlineData("metadata.version", 0, 2, "The controller only supports versions 7-29")]
    [InlineData("group.version", 0, 1, null)]
    public void Updates_are_checked(string feature, short level, sbyte type, string? fault)
    {
        var decision = UpdateFeatures.Decide(State, Request(feature, level, type), Supported, Sample.Configs);
        var expected = fault is null ? null : $"Invalid update version {level} for feature {feature}. {fault}";
        Assert.Equal(expected, decision.Answer.ErrorMessage);
        Assert.Equal(fault is null ? ErrorCode.None : ErrorCode.InvalidUpdateVersion, decision.Answer.ErrorCode);
    }

    [Fact]
    public void A_level_waits_until_every_broker_supports_it()
    {
        var state = Sample.Brokers(1);
        var decision = UpdateFeatures.Decide(state, Request("group.version", 1, 1), Supported, Sample.Configs);
        Assert.Equal(
            "Invalid update version 1 for feature group.version. Broker 1 does not support this feature.",
            decision.Answer.ErrorMessage);
    }

    [Fact]
    public void A_level_is_finalized_and_taken_back()
    {
        var raised = UpdateFeatures.Decide(State, Request("group.version", 1, 1), Supported, Sample.Configs);
        var state = State.After(raised);
        Assert.Equal(1, state.Features["group.version"]);
        state = state.After(UpdateFeatures.Decide(state, Request("group.version", 0, 2), Supported, Sample.Configs));
        Assert.False(state.Features.ContainsKey("group.version"));
    }

    [Fact]
    public void Eligible_replicas_need_records_that_name_them_and_one_minimum_for_the_whole_cluster()
    {
        const string elr = "eligible.leader.replicas.version";
        var old = State.Apply(new FeatureLevelRecord { Name = "metadata.version", FeatureLevel = 22 });
        Assert.Equal(
            "eligible.leader.replicas.version could not be set to 1 because it depends on metadata.version level 23",
            UpdateFeatures.Decide(old, Request(elr, 1, 1), Supported, Sample.Configs).Answer.ErrorMessage);

        var state = State.Apply(new ConfigRecord
        {
            ResourceType = (sbyte)ConfigResourceType.Broker,
            ResourceName = "1",
            Name = "min.insync.replicas",
            Value = "5",
        });
        var configs = Sample.ConfigsOf(("min.insync.replicas", "2"));
        state = state.After(UpdateFeatures.Decide(state, Request(elr, 1, 1), Supported, configs));
        Assert.True(state.TracksEligible);
        Assert.Equal("2", state.Configs[ConfigResource.AllBrokers]["min.insync.replicas"]);
        Assert.Empty(state.Configs[ConfigResource.Broker(new(1))]);

        state = state.Apply(Sample.Registered(1)).WithTopic("t", [1, 2])
            .Changed(change => change.EligibleLeaderReplicas = Sample.Ids(2));
        state = state.Apply(new UnregisterBrokerRecord { BrokerId = new(1) });
        state = state.After(UpdateFeatures.Decide(state, Request(elr, 0, 2), Supported, configs));
        Assert.Empty(state.Topics["t"].Partitions[0].Elr);
    }

    [Fact]
    public void A_cluster_is_begun_once()
    {
        Assert.Equal([KeyValuePair.Create("metadata.version", (short)29)], State.Features);
        Assert.Empty(FinalizeFeatures.Decide(State, [new NoOpRecord()], Sample.Configs).Records);
    }

    private static UpdateFeaturesRequest Request(string feature, short level, sbyte type) => new()
    {
        FeatureUpdates = [new() { Feature = feature, MaxVersionLevel = level, UpgradeType = type }],
    };
}
