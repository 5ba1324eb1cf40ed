using Barnabas.Base;
using Barnabas.Cluster;
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
        var state = State.After(UpdateFeatures.Decide(State, Request("group.version", 1, 1), Supported, Sample.Configs));
        Assert.Equal(1, state.Features["group.version"]);
        state = state.After(UpdateFeatures.Decide(state, Request("group.version", 0, 2), Supported, Sample.Configs));
        Assert.False(state.Features.ContainsKey("group.version"));
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
