using Barnabas.Base;
using Barnabas.Replication;
using Barnabas.Sim;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Replication;

/// <summary>Records that are deleted at every replica (KIP-107).</summary>
public sealed class DeletionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(4, 4)]
    [InlineData(-1, 6)]
    public void A_deletion_is_answered_when_no_replica_has_the_records(long to, long start)
    {
        var story = new ReplicaStory();
        story.Tell(async () =>
        {
            await WriteAsync(story, 6);
            Assert.Equal(new(ErrorCode.None, new Offset(start)), await DeleteAsync(story, to));
            Assert.All(story.Up, broker => Assert.Equal(new Offset(start), broker.Log.LogStart));
        });
    }

    [Fact]
    public void A_deletion_needs_no_round_of_waiting_fetches()
    {
        var story = new ReplicaStory(
            1, 3, ("replica.fetch.wait.max.ms", "15000"), ("replica.lag.time.max.ms", "60000"));
        story.Tell(async () =>
        {
            await WriteAsync(story, 6);
            await story.PassAsync(TimeSpan.FromSeconds(1));
            var begun = story.World.Age;
            Assert.Equal(ErrorCode.None, (await DeleteAsync(story, 4)).Error);
            Assert.True(story.World.Age - begun < TimeSpan.FromSeconds(2), "followers were not told");
        });
    }

    [Fact]
    public void Replicas_that_are_not_alive_are_not_waited_for()
    {
        var story = new ReplicaStory();
        story.Tell(async () =>
        {
            await WriteAsync(story, 6);
            story.Lose(3);
            Assert.Equal(new(ErrorCode.None, new Offset(4)), await DeleteAsync(story, 4));
            await story.StartAsync(3);
            await story.UntilAsync(() => story.Brokers[3].Log.LogStart == new Offset(4), "the third deletes too");
        });
    }

    [Fact]
    public void A_replica_that_does_not_answer_makes_a_deletion_time_out()
    {
        var story = new ReplicaStory(1, 3, ("replica.lag.time.max.ms", "60000"));
        story.Tell(async () =>
        {
            await WriteAsync(story, 6);
            story.Brokers[3].Kill(CrashKind.KeepsAll);
            var begun = story.World.Age;
            Assert.Equal(new(ErrorCode.RequestTimedOut, Offset.Zero), await DeleteAsync(story, 4));
            Assert.True(story.World.Age - begun >= Patience, "it was not waited for");
        });
    }

    [Fact]
    public void A_leader_that_leads_no_more_says_so()
    {
        var story = new ReplicaStory(1, 3, ("replica.lag.time.max.ms", "60000"));
        story.Tell(async () =>
        {
            await WriteAsync(story, 6);
            story.Brokers[3].Kill(CrashKind.KeepsAll);
            var deleting = DeleteAsync(story, 4);
            await story.PassAsync(TimeSpan.FromSeconds(1));
            story.Elect(2);
            Assert.Equal(Deletion.Refused(ErrorCode.NotLeaderOrFollower), await deleting);
        });
    }

    [Fact]
    public void Files_of_a_deleted_topic_go_once_their_delay_has_passed()
    {
        var story = new ReplicaStory(1, 1, ("log.segment.delete.delay.ms", "30000"));
        story.Tell(async () =>
        {
            await WriteAsync(story, 6);
            var disk = story.Leader.Disk;
            story.Decide(new RemoveTopicRecord { TopicId = story.Topic });
            await story.PassAsync(TimeSpan.FromSeconds(20));
            Assert.Single(Deleting(disk));
            await story.PassAsync(TimeSpan.FromSeconds(11));
            Assert.Empty(Deleting(disk));
        });
    }

    private static List<string> Deleting(SimDisk disk) =>
        [.. disk.List("/data").Select(static entry => entry.Name).Where(static name => name.EndsWith("-delete"))];

    private static async Task WriteAsync(ReplicaStory story, int count)
    {
        await story.BeginAsync();
        for (var i = 0; i < count; i++)
            await story.AppendAsync();
        await story.LevelAsync();
    }

    private static async Task<Deletion> DeleteAsync(ReplicaStory story, long to)
    {
        var partition = story.Leader.Partition!;
        return (await story.Leader.Replicas!.DeleteRecordsAsync([(partition, new Offset(to))], Patience)).Single();
    }
}
