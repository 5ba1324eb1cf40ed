using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Replication;
using Barnabas.Sim;
using Barnabas.Tests.Unit.Log;
using Barnabas.Tests.Unit.Replication;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Simulation.Planted;

/// <summary>What replicas owe each other, each in a story of its own.</summary>
internal static class ReplicaChecks
{
    public static void What_is_acknowledged_is_on_every_replica_in_sync(PlantedBug bug) => Tell(bug, [], async story =>
    {
        await story.BeginAsync();
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(ErrorCode.None, (await story.AppendAsync()).Error);
            Assert.All(story.Brokers.Values, broker => Assert.True(broker.Log.End.Value > i));
        }
    });

    public static void A_follower_keeps_what_it_has_though_its_watermark_lags(PlantedBug bug) => Tell(
        bug, [], async story =>
        {
            await story.BeginAsync();
            await story.AppendAsync();
            await story.LevelAsync();
            await story.AppendAsync();
            Assert.Equal(new Offset(1), story.Brokers[2].View.HighWatermark);
            // The leader begins another epoch and is gone before anybody has fetched in it.
            story.Brokers[1].Kill(CrashKind.LosesAll);
            story.Elect(1);
            await story.PassAsync(TimeSpan.FromSeconds(1));
            story.Fence(1);
            await story.UntilLedAsync();
            Assert.Equal(new Offset(2), story.Leader.Log.End);
        });

    public static void Logs_that_parted_twice_come_together(PlantedBug bug) => Tell(bug, [], async story =>
    {
        await story.BeginAsync(replicas: 2);
        await story.AppendAsync();
        await story.LevelAsync();
        await LeadAloneAsync(story, leader: 1, other: 2, records: 2);
        await LeadAloneAsync(story, leader: 2, other: 1, records: 4);
        await LeadAloneAsync(story, leader: 1, other: 2, records: 1);
        await story.StartAsync(2);
        await story.LevelAsync();
        Assert.Equal(
            LogFixture.ReadAll(story.Leader.Log, Offset.Zero), LogFixture.ReadAll(story.Brokers[2].Log, Offset.Zero));
    });

    public static void A_leader_counts_no_fetch_of_an_earlier_epoch(PlantedBug bug) => Tell(bug, [], async story =>
    {
        await story.BeginAsync(replicas: 2);
        await story.AppendAsync();
        story.Brokers[2].Kill(CrashKind.KeepsAll);
        var before = story.Decided.LeaderEpoch;
        story.Elect(1);
        await story.UntilAsync(() => story.Leader.View.LeaderEpoch > before);
        var append = story.AppendAsync();
        await story.PassAsync(TimeSpan.FromMilliseconds(100));
        var epoch = story.State.Brokers[new BrokerId(2)].Epoch;
        story.Leader.Partition!.Note(new FollowerFetch(new BrokerId(2), epoch, before, new Offset(2), Offset.Zero));
        await story.PassAsync(TimeSpan.FromMilliseconds(100));
        Assert.False(append.IsCompleted);
    });

    public static void A_leader_counts_no_fetch_of_an_earlier_run(PlantedBug bug) => Tell(bug, [], async story =>
    {
        await story.BeginAsync(replicas: 2);
        await story.AppendAsync();
        var follower = story.State.Brokers[new BrokerId(2)];
        story.Brokers[2].Kill(CrashKind.KeepsAll);
        var append = story.AppendAsync();
        story.Decide(new RegisterBrokerRecord { BrokerId = follower.Id, BrokerEpoch = follower.Epoch + 1000 });
        await story.PassAsync(TimeSpan.FromMilliseconds(100));
        story.Leader.Partition!.Note(
            new FollowerFetch(follower.Id, follower.Epoch, story.Decided.LeaderEpoch, new Offset(2), Offset.Zero));
        await story.PassAsync(TimeSpan.FromMilliseconds(100));
        Assert.False(append.IsCompleted);
    });

    public static void A_leader_alone_commits_nothing_where_two_are_asked_for(PlantedBug bug) => Tell(
        bug, [("min.insync.replicas", "2"), ("replica.lag.time.max.ms", "5000")], async story =>
        {
            await story.BeginAsync(replicas: 2);
            await story.AppendAsync();
            story.Brokers[2].Kill(CrashKind.KeepsAll);
            var waits = story.AppendAsync();
            await story.UntilAsync(() => story.Decided.Isr.Length == 1, "a leader alone");
            await story.PassAsync(TimeSpan.FromSeconds(1));
            Assert.False(waits.IsCompleted);
            Assert.Equal(ErrorCode.NotEnoughReplicas, (await story.AppendAsync()).Error);
        });

    public static void A_follower_is_in_sync_only_once_it_has_caught_up(PlantedBug bug) => Tell(bug, [], async story =>
    {
        await story.BeginAsync();
        await story.AppendAsync();
        story.Lose(3);
        for (var i = 0; i < 20; i++)
            await story.AppendAsync();
        var missing = 0L;
        story.Heard = () => missing = Math.Max(missing, story.Leader.View.HighWatermark - story.Brokers[3].Log.End);
        await story.StartAsync(3);
        await story.UntilAsync(() => story.Decided.Isr.Length == 3, "a third in sync");
        Assert.Equal(0, missing);
    });

    public static void A_follower_has_what_is_on_its_disk(PlantedBug bug) => Tell(
        bug, [("barnabas.durability", "fsync")], async story =>
        {
            await story.BeginAsync(replicas: 2);
            await story.AppendAsync();
            story.Brokers[2].Process!.IsStuck = true;
            var append = story.AppendAsync();
            await story.UntilAsync(() => story.Brokers[2].Log.End == new Offset(2), "a copy");
            await story.PassAsync(TimeSpan.FromSeconds(2));
            Assert.False(append.IsCompleted);
            story.Brokers[2].Process!.IsStuck = false;
            Assert.Equal(ErrorCode.None, (await append).Error);
            // Who led until now may have more than is on its disk.
            story.Brokers[1].Process!.IsStuck = true;
            append = story.AppendAsync();
            await story.UntilAsync(() => story.Brokers[2].Log.FlushedOffset == new Offset(3), "a copy on disk");
            story.Elect(2);
            await story.PassAsync(TimeSpan.FromSeconds(2));
            Assert.Equal(ErrorCode.NotLeaderOrFollower, (await append).Error);
            Assert.Equal((new Offset(3), new Offset(2)), (story.Leader.Log.End, story.Leader.View.HighWatermark));
            story.Brokers[1].Process!.IsStuck = false;
            await story.UntilAsync(() => story.Leader.View.HighWatermark == new Offset(3), "what is on both disks");
        });

    public static void A_coordinator_begins_once_all_there_is_is_committed(PlantedBug bug) => Tell(
        bug, [("replica.lag.time.max.ms", "4000")], async story =>
        {
            await story.BeginAsync(replicas: 2);
            await story.AppendAsync();
            story.Brokers[2].Kill(CrashKind.KeepsAll);
            await story.AppendAsync(untilCommitted: false);
            var journal = new HeardJournal(story.Leader);
            journal.Begin();
            await story.PassAsync(TimeSpan.FromSeconds(1));
            Assert.Null(journal.Leads);
            await story.UntilAsync(() => journal.Leads == true, "a coordinator");
            Assert.Equal((new Offset(2), 1), (story.Leader.View.HighWatermark, journal.Given));
        });

    public static void A_leader_that_lost_cuts_off_what_nobody_else_has(PlantedBug bug) => Tell(bug, [], async story =>
    {
        await story.BeginAsync(replicas: 2);
        await story.AppendAsync();
        await story.LevelAsync();
        story.Brokers[2].Kill(CrashKind.KeepsAll);
        for (var i = 0; i < 3; i++)
            await story.AppendAsync(untilCommitted: false);
        story.Lose(1);
        await story.StartAsync(2, isClean: true);
        await story.UntilLedAsync();
        Assert.Equal(ErrorCode.None, (await story.AppendAsync()).Error);
        await story.StartAsync(1);
        await story.LevelAsync();
        Assert.Equal(new Offset(2), story.Brokers[1].Log.End);
    });

    public static void What_is_deleted_is_deleted_everywhere(PlantedBug bug) => Tell(bug, [], async story =>
    {
        await story.BeginAsync();
        for (var i = 0; i < 5; i++)
            await story.AppendAsync();
        await story.LevelAsync();
        story.Brokers[3].Kill(CrashKind.KeepsAll);
        var asked = (story.Leader.Partition!, new Offset(3));
        var deleted = await story.Leader.Replicas!.DeleteRecordsAsync([asked], TimeSpan.FromSeconds(2));
        Assert.Equal([new Deletion(ErrorCode.RequestTimedOut, Offset.Zero)], deleted);
    });

    public static void Who_is_in_sync_is_not_throttled(PlantedBug bug) => Tell(
        bug, [("follower.replication.throttled.rate", "1"), ("replication.quota.window.num", "60")], async story =>
        {
            await story.BeginAsync();
            story.Decide(new ConfigRecord
            {
                ResourceType = (sbyte)ConfigResourceType.Topic,
                ResourceName = ReplicaStory.TopicName,
                Name = "follower.replication.throttled.replicas",
                Value = "*",
            });
            for (var i = 0; i < 5; i++)
            {
                var append = story.AppendAsync();
                await story.UntilAsync(() => append.IsCompleted, "an acknowledgement");
            }
        });

    public static void A_leader_whose_log_is_damaged_gives_up(PlantedBug bug) => Tell(bug, [], async story =>
    {
        await story.BeginAsync();
        for (var i = 0; i < 5; i++)
            await story.AppendAsync();
        await story.LevelAsync();
        await story.Brokers[2].StopAsync();
        story.Fence(2);
        story.Brokers[2].Disk.Flip("/data/orders-0/00000000000000000000.log", 80, 1);
        await story.StartAsync(2);
        await story.UntilAsync(() => story.Decided.Isr.Length == 3, "all in sync");
        story.Elect(2);
        await story.UntilLedAsync();
        story.Lose(3);
        story.Brokers[3].Wipe();
        await story.StartAsync(3);
        await story.UntilAsync(() => story.Decided.Leader == new BrokerId(1), "a leader with a whole log");
    });

    /// <summary>Has one of two brokers lead, be it uncleanly, and write while the other is away.</summary>
    private static async Task LeadAloneAsync(ReplicaStory story, int leader, int other, int records)
    {
        if (story.Brokers[other].IsUp)
            story.Lose(other);
        if (!story.Brokers[leader].IsUp)
            await story.StartAsync(leader, isClean: true);
        story.Decide(story.Change(isr: [new BrokerId(leader)], leader: new BrokerId(leader)));
        var epoch = story.Decided.LeaderEpoch;
        await story.UntilAsync(() => story.Brokers[leader].View is { Role: PartitionRole.Leader } view
            && view.LeaderEpoch == epoch);
        for (var i = 0; i < records; i++)
            Assert.Equal(ErrorCode.None, (await story.AppendAsync(story.Brokers[leader], false)).Error);
    }

    private static void Tell(
        PlantedBug bug, (string Name, string Value)[] configs, Func<ReplicaStory, Task> tell)
    {
        var story = new ReplicaStory(1, 3, configs)
        {
            // With a bug a follower may ask again and again without a pause.
            Patience = TimeSpan.FromSeconds(12),
            Dress = host => host with { Planted = bug },
        };
        story.Tell(() => tell(story));
    }
}
