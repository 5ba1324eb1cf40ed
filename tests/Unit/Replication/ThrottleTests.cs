using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Replication;

/// <summary>Replicas that are copied under a quota (KIP-73).</summary>
public sealed class ThrottleTests
{
    private const int Batches = 150;

    [Theory]
    [InlineData("follower")]
    [InlineData("leader")]
    public void A_throttled_copy_takes_its_time_and_arrives(string side)
    {
        var story = Story(side, rate: 500);
        story.Tell(async () =>
        {
            await FallBehindAsync(story);
            Throttle(story, side, side == "leader" ? "0:1" : "0:3");
            var bytes = story.Leader.Log.SizeInBytes;
            await story.StartAsync(3);
            var begun = story.World.Age;
            await story.LevelAsync();
            var took = story.World.Age - begun;
            // The last windows may hold more than their share, for an answer is not cut short.
            Assert.InRange(took.TotalSeconds, bytes / 500.0 / 2, bytes / 500.0 * 2);
            await story.UntilAsync(() => story.Decided.Isr.Length == 3, "a third in sync");
        });
    }

    [Theory]
    [InlineData("follower", "0:2")]
    [InlineData("leader", "0:2")]
    [InlineData("follower", "1:3")]
    public void Other_replicas_are_copied_as_fast_as_may_be(string side, string throttled)
    {
        var story = Story(side, rate: 1);
        story.Tell(async () =>
        {
            await FallBehindAsync(story);
            Throttle(story, side, throttled);
            await story.StartAsync(3);
            var begun = story.World.Age;
            await story.LevelAsync();
            Assert.True(story.World.Age - begun < TimeSpan.FromSeconds(10), "it was throttled");
        });
    }

    [Theory]
    [InlineData("follower")]
    [InlineData("leader")]
    public void Who_is_in_sync_is_never_held_back(string side)
    {
        var story = Story(side, rate: 1);
        story.Tell(async () =>
        {
            await story.BeginAsync();
            Throttle(story, side, "*");
            var begun = story.World.Age;
            for (var i = 0; i < Batches; i++)
                Assert.Equal(ErrorCode.None, (await story.AppendAsync()).Error);
            Assert.True(story.World.Age - begun < TimeSpan.FromSeconds(30), "acknowledgements waited for the quota");
            Assert.Equal(3, story.Decided.Isr.Length);
            Assert.Empty(story.Proposals);
        });
    }

    [Fact]
    public void A_quota_that_is_raised_counts_soon()
    {
        var story = Story("follower", rate: 1);
        story.Tell(async () =>
        {
            await FallBehindAsync(story);
            Throttle(story, "follower", "*");
            await story.StartAsync(3);
            await story.PassAsync(TimeSpan.FromSeconds(60));
            Assert.True(story.Brokers[3].Log.End < story.Leader.Log.End, "it was not throttled");
            Set(story, ConfigResourceType.Broker, "3", "follower.replication.throttled.rate", "1000000");
            var begun = story.World.Age;
            await story.LevelAsync();
            Assert.True(story.World.Age - begun < TimeSpan.FromSeconds(10), "it was throttled still");
        });
    }

    private static ReplicaStory Story(string side, int rate) => new(
        1, 3,
        ($"{side}.replication.throttled.rate", $"{rate}"), ("replica.fetch.response.max.bytes", "300"),
        ("replica.fetch.max.bytes", "300"), ("replica.lag.time.max.ms", "10000"));

    /// <summary>The third broker lacks all of the log.</summary>
    private static async Task FallBehindAsync(ReplicaStory story)
    {
        await story.BeginAsync();
        story.Lose(3);
        for (var i = 0; i < Batches; i++)
            await story.AppendAsync();
    }

    private static void Throttle(ReplicaStory story, string side, string replicas) => Set(
        story, ConfigResourceType.Topic, ReplicaStory.TopicName, $"{side}.replication.throttled.replicas", replicas);

    private static void Set(ReplicaStory story, ConfigResourceType type, string name, string key, string value) =>
        story.Decide(new ConfigRecord
        {
            ResourceType = (sbyte)type,
            ResourceName = name,
            Name = key,
            Value = value,
        });
}
