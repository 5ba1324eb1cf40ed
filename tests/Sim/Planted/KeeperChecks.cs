using Barnabas.Base;
using Barnabas.Keeper;
using Barnabas.Sim;
using Barnabas.SimKeeper;
using Barnabas.Tests.Unit.Keeper;

namespace Barnabas.Tests.Simulation.Planted;

/// <summary>What a journal in ZooKeeper owes its nodes, each in a story of its own.</summary>
internal static class KeeperChecks
{
    /// <summary>A leader whose words do not arrive gives up before its session ends and another begins.</summary>
    public static void One_node_leads_at_a_time(PlantedBug bug) => Tell(bug, async story =>
    {
        var leader = await story.LeaderAsync();
        story.Ensemble.Unheard.Add(story.CandidacyOf(leader).Session);
        await story.PassAsync(10_000);
        Assert.NotEqual(leader, story.Leader);
        story.Ensemble.Unheard.Clear();
    });

    /// <summary>An append on its way when another node begins an epoch is refused.</summary>
    public static void Nothing_of_an_old_epoch_is_committed_in_a_new_one(PlantedBug bug) => Tell(bug, async story =>
    {
        // The leader is not told, so two believe that they lead: the epoch has to keep them apart.
        story.SessionsEndEarly = true;
        var old = await story.LeaderAsync();
        await story.PassAsync(200);
        var (path, _, member) = story.CandidacyOf(old);
        member.Pause();
        old.Append("late");
        await DeposeAsync(story, path, story.Ensemble.Members.First(one => one != member));
        for (var i = 0; i < 15 && story.Began.Count < 2; i++)
            await story.PassAsync(100);
        Assert.Equal(2, story.Began.Count);
        member.GoOn();
        await story.PassAsync(3000);
        Assert.DoesNotContain("late", story.Acknowledged);
    });

    public static void What_was_appended_once_is_there_once(PlantedBug bug) => Tell(bug, async story =>
    {
        var leader = await story.LeaderAsync();
        var isLost = false;
        story.Ensemble.Fate = operation =>
        {
            var fate = operation == KeeperOp.Multi && !isLost ? RequestFate.LostAfter : RequestFate.Served;
            isLost |= fate == RequestFate.LostAfter;
            return fate;
        };
        leader.Append("once");
        await story.PassAsync(2000);
        leader.Append("behind it");
        await story.PassAsync(2000);
        Assert.True(isLost);
        foreach (var node in story.Nodes)
            Assert.Equal(["once", "behind it"], node.Log);
    });

    public static void Who_was_away_is_given_what_was_committed(PlantedBug bug) => Tell(bug, async story =>
    {
        var leader = await story.LeaderAsync();
        var away = story.Nodes.First(node => node != leader);
        await story.PassAsync(200);
        var (at, leads) = (story.CandidacyOf(away).At, story.CandidacyOf(leader).At);
        Assert.NotEqual(at, leads);
        at.Drop();
        for (var i = 0; i < 20; i++)
            leader.Append($"{i}");
        await story.PassAsync(10);
        at.Drop();
        await story.PassAsync(10_000);
        Assert.Equal(20, away.Log.Count);
    });

    private static void Tell(PlantedBug bug, Func<JournalStory, Task> tell)
    {
        // The nodes find servers by chance: this seed has them at different ones.
        var story = new JournalStory(2, shape: host => host with { Planted = bug });
        story.Run(() => tell(story));
    }

    /// <summary>An operator takes a node's candidacy away.</summary>
    private static async Task DeposeAsync(JournalStory story, string path, SimMember at)
    {
        var host = story.World.NewProcess().NewHost(new SimDisk(1, story.World));
        var settings = new KeeperSettings(ConnectString.Parse($"{at.At}"));
        await using var client = KeeperClient.Start(host, (Lane)SynchronizationContext.Current!, settings);
        Assert.Equal(KeeperError.None, await client.DeleteAsync(path));
    }
}
