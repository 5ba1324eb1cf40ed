using Barnabas.Cluster.Configs;

namespace Barnabas.Tests.Unit.Cluster.Configs;

public sealed class StoredConfigsTests
{
    private static readonly ConfigResource Orders = ConfigResource.Topic("orders");

    [Fact]
    public void Records_set_and_remove_configs()
    {
        var stored = StoredConfigs.Empty.With(Orders, "a", "1").With(Orders, "b", "2").With(Orders, "a", null);

        Assert.Equal([new("b", "2")], stored[Orders]);
        Assert.Empty(stored.With(Orders, "b", null).All);
        Assert.Empty(stored.Without(Orders)[Orders]);
        Assert.Same(stored, stored.Without(ConfigResource.AllBrokers));
    }

    [Fact]
    public void A_topic_and_a_broker_of_the_same_name_are_two_things()
    {
        var stored = StoredConfigs.Empty.With(ConfigResource.Topic("1"), "a", "1").With(
            ConfigResource.Broker(new(1)), "a", "2");

        Assert.Equal("1", stored[ConfigResource.Topic("1")]["a"]);
        Assert.Equal("2", stored[ConfigResource.Broker(new(1))]["a"]);
    }
}
