using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Replication;
using Barnabas.Sim;
using Barnabas.Tests.Unit.Log;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Replication;

/// <summary>A partition on several brokers, each with a disk, followed over the simulated network.</summary>
public sealed class ReplicationTests
{
    [Fact]
    public void What_is_acknowledged_is_on_every_replica_in_sync()
    {
        var story = new ReplicaStory();
        story.Tell(async () =>
        {
            await story.BeginAsync();
            for (var i = 0; i < 10; i++)
            {
                var answer = await story.AppendAsync();
                Assert.Equal((ErrorCode.None, new Offset(i)), (answer.Error, answer.BaseOffset));
                Assert.All(story.Brokers.Values, broker => Assert.True(broker.Log.End.Value > i));
            }

            await story.LevelAsync();
            AssertSame(story);
        });
    }

    [Fact]
    public void A_leader_waits_for_a_follower_until_that_is_in_sync_no_longer()
    {
        var story = new ReplicaStory(1, 3, ("replica.lag.time.max.ms", "10000"));
        story.Tell(async () =>
        {
            await story.BeginAsync();
            await story.AppendAsync();
            story.Brokers[3].Kill(CrashKind.KeepsAll);
            var append = story.AppendAsync();
            await story.PassAsync(TimeSpan.FromSeconds(4));
            Assert.False(append.IsCompleted);
            Assert.Equal(new Offset(1), story.Leader.View.HighWatermark);
            Assert.Equal(ErrorCode.None, (await append).Error);
            Assert.Equal([(("1,2"), ErrorCode.None)], story.Proposals);
        });
    }

    [Fact]
    public void A_follower_that_comes_back_catches_up_and_is_in_sync_again()
    {
        var story = new ReplicaStory();
        story.Tell(async () =>
        {
            await story.BeginAsync();
            await story.AppendAsync();
            story.Lose(3);
            for (var i = 0; i < 20; i++)
                await story.AppendAsync();
            Assert.Equal(2, story.Decided.Isr.Length);
            await story.StartAsync(3);
            await story.UntilAsync(() => story.Decided.Isr.Length == 3, "a third in sync");
            await story.LevelAsync();
            AssertSame(story);
            Assert.Equal(1, story.Leader.Replicas!.ReplicationTraffic.IsrExpands.Value);
        });
    }

    /// <summary>It may be made the leader at any time, uncleanly perhaps, and consumers would read what a power cut of
    /// it takes back.</summary>
    [Fact]
    public void A_followers_watermark_waits_for_its_disk()
    {
        var story = new ReplicaStory(1, 3, ("barnabas.durability", "fsync"));
        story.Tell(async () =>
        {
            await story.BeginAsync();
            await story.AppendAsync();
            await story.LevelAsync();
            story.Lose(3);
            for (var i = 0; i < 5; i++)
                await story.AppendAsync();
            await story.StartAsync(3);
            var behind = story.Brokers[3];
            behind.Process!.IsStuck = true;
            await story.UntilAsync(() => behind.Log.End == new Offset(6), "a copy");
            await story.PassAsync(TimeSpan.FromSeconds(1));
            Assert.Equal(new Offset(1), behind.Log.FlushedOffset);
            Assert.True(behind.View.HighWatermark <= behind.Log.FlushedOffset);
            behind.Process!.IsStuck = false;
            await story.UntilAsync(() => behind.View.HighWatermark == new Offset(6), "a watermark");
        });
    }

    /// <summary>The end of its log may be cut off by whoever leads then: nobody may have heard of it.</summary>
    [Fact]
    public void A_coordinator_that_is_deposed_before_all_is_committed_never_begins()
    {
        var story = new ReplicaStory(1, 3, ("replica.lag.time.max.ms", "10000"));
        story.Tell(async () =>
        {
            await story.BeginAsync();
            await story.AppendAsync();
            story.Brokers[2].Kill(CrashKind.KeepsAll);
            await story.AppendAsync(untilCommitted: false);
            var journal = new HeardJournal(story.Leader);
            journal.Begin();
            await story.PassAsync(TimeSpan.FromSeconds(1));
            Assert.Null(journal.Leads);
            story.Elect(3);
            await story.UntilAsync(() => journal.Leads == false, "news");
            Assert.Equal(-1, journal.Given);
        });
    }

    [Fact]
    public void With_too_few_in_sync_nothing_is_taken_and_nothing_is_committed()
    {
        var story = new ReplicaStory(1, 3, ("min.insync.replicas", "2"), ("replica.lag.time.max.ms", "10000"));
        story.Tell(async () =>
        {
            await story.BeginAsync();
            await story.AppendAsync();
            story.Brokers[2].Kill(CrashKind.KeepsAll);
            story.Brokers[3].Kill(CrashKind.KeepsAll);
            var waits = story.AppendAsync();
            await story.UntilAsync(() => story.Decided.Isr.Length == 1, "a leader alone");
            await story.PassAsync(TimeSpan.FromSeconds(1));
            Assert.Equal(ErrorCode.NotEnoughReplicas, (await story.AppendAsync()).Error);
            Assert.Equal(ErrorCode.None, (await story.AppendAsync(untilCommitted: false)).Error);
            Assert.False(waits.IsCompleted);
            Assert.Equal(new Offset(1), story.Leader.View.HighWatermark);

            await story.StartAsync(2);
            Assert.Equal(ErrorCode.None, (await waits).Error);
            Assert.Equal(ErrorCode.None, (await story.AppendAsync()).Error);
        });
    }

    [Fact]
    public void What_waits_hears_that_its_leader_leads_no_longer()
    {
        var story = new ReplicaStory();
        story.Tell(async () =>
        {
            await story.BeginAsync();
            story.Brokers[2].Kill(CrashKind.KeepsAll);
            var waits = story.AppendAsync();
            await story.PassAsync(TimeSpan.FromSeconds(1));
            story.Elect(3);
            Assert.Equal(ErrorCode.NotLeaderOrFollower, (await waits).Error);
        });
    }

    [Fact]
    public void A_follower_goes_on_with_the_next_leader()
    {
        var story = new ReplicaStory();
        story.Tell(async () =>
        {
            await story.BeginAsync();
            await story.AppendAsync();
            for (var i = 0; i < 6; i++)
            {
                story.Elect(1 + (i % 3));
                await story.UntilLedAsync();
                Assert.Equal(ErrorCode.None, (await story.AppendAsync()).Error);
            }

            await story.LevelAsync();
            AssertSame(story);
            Assert.Equal(new Offset(7), story.Leader.View.HighWatermark);
        });
    }

    [Fact]
    public void A_leader_that_lost_cuts_off_what_nobody_else_has()
    {
        var story = new ReplicaStory();
        story.Tell(async () =>
        {
            await story.BeginAsync();
            await story.AppendAsync();
            await story.LevelAsync();
            story.Brokers[2].Kill(CrashKind.KeepsAll);
            story.Brokers[3].Kill(CrashKind.KeepsAll);
            for (var i = 0; i < 3; i++)
                await story.AppendAsync(untilCommitted: false);
            story.Lose(1);
            await story.StartAsync(2, isClean: true);
            await story.StartAsync(3, isClean: true);
            await story.UntilLedAsync();
            Assert.Equal(ErrorCode.None, (await story.AppendAsync()).Error);
            await story.StartAsync(1);
            await story.LevelAsync();
            Assert.Equal(new Offset(2), story.Leader.Log.End);
            AssertSame(story);
        });
    }

    [Fact]
    public void A_wiped_replica_refills_itself()
    {
        var story = new ReplicaStory();
        story.Tell(async () =>
        {
            await story.BeginAsync();
            for (var i = 0; i < 30; i++)
                await story.AppendAsync();
            story.Lose(2);
            story.Brokers[2].Wipe();
            await story.StartAsync(2);
            await story.UntilAsync(() => story.Decided.Isr.Length == 3, "a third in sync");
            Assert.Equal(story.Brokers[2].DirectoryId, story.Decided.DirectoryOf(new BrokerId(2)));
            await story.LevelAsync();
            AssertSame(story);
        });
    }

    [Fact]
    public void A_replica_known_to_be_lost_begins_anew_only_once_it_cannot_be_elected()
    {
        var story = new ReplicaStory();
        story.Tell(async () =>
        {
            await story.BeginAsync();
            for (var i = 0; i < 5; i++)
                await story.AppendAsync();
            story.Lose(2);
            var directories = story.Decided.Replicas.Select(replica => story.Decided.DirectoryOf(replica)!.Value);
            var lost = story.Change();
            lost.Directories = [.. directories.Select((directory, i) => i == 1 ? Uuid.LostDirectory : directory)];
            lost.LastKnownElr = [new BrokerId(2)];
            story.Decide(lost);

            // It starts with metadata from before the topic, which then looks as though it were new.
            story.Brokers[2].Wipe();
            story.Brokers[2].KnownAtStart = ClusterState.Empty;
            await story.StartAsync(2);
            await story.PassAsync(TimeSpan.FromSeconds(30));
            Assert.Null(story.Brokers[2].View.Log);
            Assert.Equal(Uuid.LostDirectory, story.Decided.DirectoryOf(new BrokerId(2)));

            var forgotten = story.Change();
            forgotten.LastKnownElr = [];
            story.Decide(forgotten);
            await story.UntilAsync(() => story.Decided.Isr.Length == 3, "a third in sync");
            await story.LevelAsync();
            AssertSame(story);
        });
    }

    [Fact]
    public void The_cluster_is_told_where_a_replica_is_until_it_has_heard_it()
    {
        var story = new ReplicaStory();
        story.Tell(async () =>
        {
            await story.BeginAsync();
            await story.AppendAsync();
            story.Lose(2);
            story.Brokers[2].Wipe();
            story.IsControllerUp = false;
            await story.StartAsync(2);
            await story.PassAsync(TimeSpan.FromSeconds(30));
            Assert.NotEqual(story.Brokers[2].DirectoryId, story.Decided.DirectoryOf(new BrokerId(2)));

            story.IsControllerUp = true;
            await story.UntilAsync(
                () => story.Decided.DirectoryOf(new BrokerId(2)) == story.Brokers[2].DirectoryId, "the directory");
        });
    }

    [Fact]
    public void A_damaged_replica_is_set_aside_and_refills_itself()
    {
        var story = new ReplicaStory(1, 3, ("barnabas.durability", "fsync"));
        story.Tell(async () =>
        {
            await story.BeginAsync();
            for (var i = 0; i < 30; i++)
                await story.AppendAsync();
            // A start reads again what has come since recovery points were written, which is every minute.
            await story.PassAsync(TimeSpan.FromMinutes(2));
            await story.AppendAsync();
            story.Lose(2);
            Damage(story.Brokers[2].Disk);
            await story.StartAsync(2, isClean: true);
            await story.UntilAsync(() => story.Brokers[2].Partition?.View.Role == PartitionRole.Follower, "a follower");
            await story.UntilAsync(() => story.Decided.Isr.Length == 3, "a third in sync");
            await story.LevelAsync();
            AssertSame(story);
            Assert.Contains(story.Brokers[2].Disk.List("/data"), entry => entry.Name.EndsWith("-stray"));
        });
    }

    [Fact]
    public void A_follower_begins_anew_where_its_leader_begins()
    {
        var story = new ReplicaStory();
        story.Tell(async () =>
        {
            await story.BeginAsync();
            for (var i = 0; i < 5; i++)
                await story.AppendAsync();
            story.Lose(3);
            for (var i = 0; i < 5; i++)
                await story.AppendAsync();
            var deleted = await story.Leader.Replicas!.DeleteRecordsAsync(
                [(story.Leader.Partition!, new(8))], TimeSpan.FromMinutes(1));
            Assert.Equal(new Offset(8), deleted[0].LowWatermark);
            await story.StartAsync(3);
            await story.LevelAsync();
            Assert.Equal(new Offset(8), story.Brokers[3].Log.LogStart);
            await story.UntilAsync(() => story.Brokers[2].Log.LogStart == new Offset(8), "the leader's start");
        });
    }

    [Fact]
    public void A_replica_that_was_reassigned_is_deleted()
    {
        var story = new ReplicaStory();
        story.Tell(async () =>
        {
            await story.BeginAsync(replicas: 2);
            await story.AppendAsync();
            var two = story.Decided.Replicas;
            story.Decide(story.Change(replicas: two.Add(new BrokerId(3))));
            await story.UntilAsync(() => story.Decided.Isr.Length == 3, "the new replica in sync");
            await story.LevelAsync();
            BrokerId[] after = [new(1), new(3)];
            story.Decide(story.Change(replicas: after, isr: after));
            await story.UntilAsync(() => story.Brokers[2].Partition is null, "the old one gone");
            await story.AppendAsync();
            Assert.DoesNotContain(story.Brokers[2].Disk.List("/data"), entry => entry.Name == "orders-0");
        });
    }

    [Fact]
    public void Durable_by_fsync_means_on_as_many_disks()
    {
        var story = new ReplicaStory(1, 3, ("barnabas.durability", "fsync"));
        story.Tell(async () =>
        {
            await story.BeginAsync();
            for (var i = 0; i < 5; i++)
            {
                await story.AppendAsync();
                Assert.All(story.Brokers.Values, broker => Assert.True(broker.Log.FlushedOffset.Value > i));
            }
        });
    }

    [Fact]
    public void A_leader_whose_disk_is_slow_is_waited_for_too()
    {
        var story = new ReplicaStory(1, 2, ("barnabas.durability", "fsync"));
        story.Tell(async () =>
        {
            await story.BeginAsync();
            await story.AppendAsync();
            story.Leader.Process!.IsStuck = true;
            var append = story.AppendAsync();
            await story.UntilAsync(() => story.Brokers[2].Log.FlushedOffset == new Offset(2), "a copy");
            await story.PassAsync(TimeSpan.FromSeconds(2));
            Assert.False(append.IsCompleted);
            story.Leader.Process!.IsStuck = false;
            Assert.Equal(ErrorCode.None, (await append).Error);
        });
    }

    [Fact]
    public void A_proposal_is_made_again_until_the_controller_is_there()
    {
        var story = new ReplicaStory(1, 2, ("replica.lag.time.max.ms", "2000"));
        story.Tell(async () =>
        {
            await story.BeginAsync();
            story.IsControllerUp = false;
            story.Brokers[2].Kill(CrashKind.KeepsAll);
            var append = story.AppendAsync();
            await story.PassAsync(TimeSpan.FromSeconds(10));
            Assert.False(append.IsCompleted);
            story.IsControllerUp = true;
            Assert.Equal(ErrorCode.None, (await append).Error);
            Assert.Equal("1", story.Proposals.Single().Isr);
        });
    }

    [Fact]
    public void What_was_deleted_while_a_broker_read_its_disk_makes_room_for_its_namesake()
    {
        var story = new ReplicaStory(1, 2);
        story.Tell(async () =>
        {
            await story.BeginAsync();
            await story.AppendAsync();
            await story.LevelAsync();
            var (broker, anew) = (story.Brokers[2], new TopicId(new Uuid(5, 8)));
            broker.KnownAtStart = story.State;
            story.Lose(2);
            story.Decide(new RemoveTopicRecord { TopicId = story.Topic });
            await broker.OpenAsync();
            story.Decide(new TopicRecord { Name = ReplicaStory.TopicName, TopicId = anew }, new PartitionRecord
            {
                TopicId = anew,
                PartitionId = 0,
                Replicas = [broker.Id],
                Isr = [broker.Id],
                Leader = broker.Id,
                LeaderEpoch = new LeaderEpoch(0),
                PartitionEpoch = 0,
                Directories = [broker.DirectoryId],
            });
            await story.UntilAsync(() => broker.Replicas!.Find(anew, 0)?.View.Log is not null);
            Assert.Null(broker.Partition);
            Assert.Equal(Offset.Zero, broker.Replicas!.Find(anew, 0)!.View.Log!.End);
        });
    }

    [Fact]
    public void An_epoch_without_records_stands_in_nobodys_way()
    {
        var story = new ReplicaStory();
        story.Tell(async () =>
        {
            await story.BeginAsync();
            await story.AppendAsync();
            await story.LevelAsync();
            // Broker 2 hears that it leads, and appends nothing; broker 3 appends, in an epoch of its own.
            story.Brokers[3].Journal!.IsDeaf = story.Brokers[1].Journal!.IsDeaf = true;
            story.Elect(2);
            await story.UntilAsync(() => story.Brokers[2].View.Role == PartitionRole.Leader);
            story.Elect(3);
            story.Brokers[3].Journal!.IsDeaf = story.Brokers[1].Journal!.IsDeaf = false;
            await story.UntilAsync(() => story.Brokers[3].View.Role == PartitionRole.Leader);
            Assert.Equal(ErrorCode.None, (await story.AppendAsync()).Error);
            await story.LevelAsync();
            AssertSame(story);
        });
    }

    private static void Damage(SimDisk disk)
    {
        using var file = disk.Open("/data/orders-0/00000000000000000000.log", OpenMode.ReadWrite);
        file.Write(70, [0xff, 0xff]);
        file.Sync();
    }

    /// <summary>All replicas that are up have the same bytes.</summary>
    private static void AssertSame(ReplicaStory story)
    {
        var leader = LogFixture.ReadAll(story.Leader.Log, story.Leader.Log.LogStart);
        foreach (var broker in story.Up.Where(broker => story.Decided.Replicas.Contains(broker.Id)))
            Assert.Equal(leader, LogFixture.ReadAll(broker.Log, broker.Log.LogStart));
    }
}
