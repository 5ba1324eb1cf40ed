using Barnabas.Keeper;
using Barnabas.SimKeeper;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Keeper;

public sealed class KeeperJournalTests
{
    [Fact]
    public void Whatever_happens_nothing_promised_is_lost_and_all_have_the_same() => Prop.ForAll(
            Gen.Choose(1, 1 << 20).ToArbitrary(), static seed => new JournalHistory(seed).Run())
        .Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    // A snapshot that was written again was emptied first, with what it stands for dropped already; the writer died.
    [Theory]
    [InlineData(930913)]
    public void Histories_that_lost_something_once_lose_nothing(int seed) => new JournalHistory(seed).Run();

    [Fact]
    public void What_one_appends_all_are_given_in_order() => Tell(async story =>
    {
        var leader = await story.LeaderAsync();
        leader.Append("a", "b");
        leader.Append("c");
        await story.PassAsync(1000);
        foreach (var node in story.Nodes)
            Assert.Equal(["a", "b", "c"], node.Log);
        Assert.Equal(["a", "b", "c"], story.Acknowledged.Order());
        var view = story.Nodes.First(node => !node.Leads).Journal!.Describe();
        Assert.Equal((leader.Id, 3, 3L), (view.Leader.Value, view.Voters.Count, view.HighWatermark.Value));
        Assert.Equal(view.Leader, leader.Journal!.Describe().Leader);
    });

    [Fact]
    public void What_waits_while_a_batch_is_on_its_way_becomes_one_batch() => Tell(async story =>
    {
        var leader = await story.LeaderAsync();
        for (var i = 0; i < 50; i++)
            leader.Append($"{i}");
        await story.PassAsync(1000);
        Assert.InRange(story.Ensemble.Members[0].Children("/test/cluster/barnabas/log").Count, 1, 3);
    });

    [Fact]
    public void An_append_larger_than_a_request_is_committed_as_one() => Tell(async story =>
    {
        var leader = await story.LeaderAsync();
        leader.Append("small");
        var large = Enumerable.Range(0, 100).Select(i => $"{i} ".PadRight(300, 'x')).ToArray();
        leader.Append(large);
        leader.Append("after");
        await story.PassAsync(5000);
        foreach (var node in story.Nodes)
            Assert.Equal(["small", .. large, "after"], node.Log);
        var parts = story.Ensemble.Members[0].Children("/test/cluster/barnabas/parts");
        Assert.Single(parts);
        leader.Snapshot();
        await story.PassAsync(5000);
        Assert.Empty(story.Ensemble.Members[0].Children("/test/cluster/barnabas/parts"));
    });

    [Fact]
    public void When_the_leader_dies_another_takes_over_within_its_session() => Tell(async story =>
    {
        var leader = await story.LeaderAsync();
        leader.Append("before");
        await story.PassAsync(500);
        leader.Kill();
        await story.PassAsync(4000);
        var next = await story.LeaderAsync();
        Assert.NotEqual(leader.Id, next.Id);
        next.Append("after");
        await leader.StartAsync();
        await story.PassAsync(1000);
        Assert.Equal(["before", "after"], leader.Log);
    });

    [Fact]
    public void A_leader_that_is_closed_is_followed_at_once() => Tell(async story =>
    {
        var leader = await story.LeaderAsync();
        leader.Append("a");
        await leader.CloseAsync();
        Assert.Contains("a", story.Acknowledged);
        await story.PassAsync(500);
        Assert.NotEqual(leader.Id, story.Leader?.Id);
        Assert.NotNull(story.Leader);
    });

    [Fact]
    public void A_node_that_is_far_behind_begins_with_a_snapshot() => Tell(async story =>
    {
        var late = story.Nodes[2];
        late.Kill();
        await story.PassAsync(4000);
        var leader = await story.LeaderAsync();
        for (var i = 0; i < 600; i++)
        {
            leader.Append($"{i}");
            await story.PassAsync(5);
        }

        await story.PassAsync(1000);
        leader.Snapshot();
        await story.PassAsync(3000);
        var log = story.Ensemble.Members[0].Children("/test/cluster/barnabas/log");
        Assert.Empty(log);
        leader.Append("behind the snapshot");
        await late.StartAsync();
        await story.PassAsync(1000);
        Assert.Equal(1, late.Snapshots);
        Assert.Equal(leader.Log, late.Log);
        // The newest alone is kept.
        leader.Snapshot();
        await story.PassAsync(1000);
        Assert.Single(story.Ensemble.Members[0].Children("/test/cluster/barnabas/snapshots"));
    });

    [Fact]
    public void A_leader_that_is_not_heard_gives_up_before_its_session_ends() => Tell(async story =>
    {
        var leader = await story.LeaderAsync();
        var session = story.Ensemble.Sessions;
        foreach (var one in session)
            story.Ensemble.Unheard.Add(one);
        await story.PassAsync(2500);
        Assert.False(leader.Leads);
        Assert.Equal(session, story.Ensemble.Sessions);
        story.Ensemble.Unheard.Clear();
        await story.PassAsync(6000);
        Assert.NotNull(story.Leader);
    });

    [Fact]
    public void An_answer_that_is_lost_is_asked_for_again_and_nothing_is_done_twice() => Tell(async story =>
    {
        var leader = await story.LeaderAsync();
        foreach (var fate in new[] { RequestFate.LostAfter, RequestFate.LostBefore, RequestFate.LostAfter })
        {
            var once = fate;
            story.Ensemble.Fate = operation =>
            {
                if (operation != KeeperOp.Multi || once == RequestFate.Served)
                    return RequestFate.Served;
                (var now, once) = (once, RequestFate.Served);
                return now;
            };
            leader.Append($"{story.World.Steps}");
            await story.PassAsync(1000);
        }

        Assert.Equal(3, leader.Log.Count);
        Assert.Equal(leader.Log.Order(), story.Acknowledged.Order());
        Assert.True(leader.Leads);
    });

    [Fact]
    public void Without_an_ensemble_a_node_does_not_open()
    {
        var story = new JournalStory(1);
        story.World.Run(async () =>
        {
            foreach (var member in story.Ensemble.Members)
                member.Stop();
            var settings = story.Settings(1) with { OpenTimeout = TimeSpan.FromSeconds(7) };
            var host = story.World.NewProcess().NewHost(new Barnabas.Sim.SimDisk(1, story.World));
            var fault = await Assert.ThrowsAsync<IOException>(
                () => KeeperJournal.OpenAsync(host, host.Lanes.NewLane("metadata"), settings));
            Assert.Contains("within 7 s", fault.Message, StringComparison.Ordinal);
            story.Ensemble.Stop();
        });
    }

    [Fact]
    public void An_opening_that_hears_of_the_ensemble_now_and_then_goes_on()
    {
        var story = new JournalStory(1);
        story.World.Run(async () =>
        {
            // For half a minute a session begins, and is lost with the first request.
            story.Ensemble.Fate = _ =>
                story.World.Age < TimeSpan.FromSeconds(30) ? RequestFate.LostBefore : RequestFate.Served;
            var settings = story.Settings(1) with { OpenTimeout = TimeSpan.FromSeconds(7) };
            var host = story.World.NewProcess().NewHost(new Barnabas.Sim.SimDisk(1, story.World));
            var journal = await KeeperJournal.OpenAsync(host, host.Lanes.NewLane("metadata"), settings);
            Assert.True(story.World.Age > TimeSpan.FromSeconds(30), "nothing was lost");
            await journal.CloseAsync();
            story.Ensemble.Stop();
        });
    }

    [Fact]
    public void One_seed_gives_one_history()
    {
        var histories = new[] { new JournalHistory(11), new JournalHistory(11) };
        foreach (var history in histories)
            history.Run();
        Assert.Equal(
            (histories[0].Acknowledged, histories[0].Epochs), (histories[1].Acknowledged, histories[1].Epochs));
    }

    private static void Tell(Func<JournalStory, Task> tell)
    {
        var story = new JournalStory(3);
        story.Run(() => tell(story));
    }
}
