using Barnabas.Base;
using Barnabas.Replication;
using Barnabas.Tests.Unit.Log;

namespace Barnabas.Tests.Unit.Replication;

/// <summary>Damage that is found when a log is read, long after it was opened.</summary>
public sealed class DamageTests
{
    private const string Segment = "/data/orders-0/00000000000000000000.log";

    [Fact]
    public void A_leader_whose_log_is_damaged_gives_up_and_gets_it_anew()
    {
        var story = new ReplicaStory();
        story.Tell(async () =>
        {
            await DamageAsync(story, broker: 2, replicas: 3);
            story.Elect(2);
            await story.UntilLedAsync();
            // A follower that has lost its disk needs all of it.
            story.Lose(3);
            story.Brokers[3].Wipe();
            await story.StartAsync(3);
            await story.UntilAsync(() => story.Decided.Leader == new BrokerId(1), "a leader with a whole log");
            await story.UntilAsync(() => story.Decided.Isr.Length == 3, "all are in sync again");
            await story.LevelAsync();
            Assert.Contains(story.Brokers[2].Disk.List("/data"), entry => entry.Name.EndsWith("-stray"));
            var whole = LogFixture.ReadAll(story.Leader.Log, Offset.Zero);
            Assert.All(story.Up, broker => Assert.Equal(whole, LogFixture.ReadAll(broker.Log, Offset.Zero)));
        });
    }

    [Fact]
    public void The_last_in_sync_goes_on_with_what_is_whole()
    {
        var story = new ReplicaStory(1, 2);
        story.Tell(async () =>
        {
            await DamageAsync(story, broker: 2, replicas: 2);
            story.Lose(1);
            story.Elect(2);
            await story.UntilLedAsync();
            story.Leader.Partition!.FoundDamaged(new Offset(1));
            await story.PassAsync(TimeSpan.FromSeconds(2));
            Assert.Equal((new BrokerId(2), PartitionRole.Leader), (story.Decided.Leader, story.Leader.View.Role));
            Assert.Equal(ErrorCode.None, (await story.AppendAsync()).Error);
        });
    }

    /// <summary>A broker in sync whose log has a byte turned in it, which nobody has read since it was
    /// started.</summary>
    private static async Task DamageAsync(ReplicaStory story, int broker, int replicas)
    {
        await story.BeginAsync(replicas);
        for (var i = 0; i < 5; i++)
            await story.AppendAsync();
        await story.LevelAsync();
        await story.Brokers[broker].StopAsync();
        story.Fence(broker);
        story.Brokers[broker].Disk.Flip(Segment, 80, 1);
        await story.StartAsync(broker);
        await story.UntilAsync(() => story.Decided.Isr.Length == replicas, "all are in sync");
    }
}
