using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Sim;
using Barnabas.SimCluster;
using Barnabas.Tests.Simulation.Histories;
using Barnabas.Tests.Unit.Node;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Simulation.Planted;

/// <summary>What a group coordinator owes its members, each in a story of its own.</summary>
internal static class CoordinatorChecks
{
    private const int Seeds = 5;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static void What_a_group_committed_outlives_a_power_cut(PlantedBug bug) =>
        ForSeeds(bug, static async story =>
        {
            var keeper = await story.BeginAsync("keeper");
            for (var i = 1; i <= 3; i++)
                await SetAsync(keeper, 0, i);
            await story.RestartAsync(CrashKind.LosesAll);
            Assert.Equal([3, -1, -1], await story.OffsetsAsync(keeper));
        });

    public static void What_was_deleted_stays_away(PlantedBug bug) =>
        ForSeeds(bug, static async story =>
        {
            var keeper = await story.BeginAsync("keeper");
            await SetAsync(keeper, 0, 5);
            await SetAsync(keeper, 1, 6);
            Assert.Equal(ErrorCode.None, await keeper.DeleteAsync(0));
            await story.RestartAsync(CrashKind.KeepsAll);
            Assert.Equal([-1, 6, -1], await story.OffsetsAsync(keeper));
        });

    public static void A_load_reads_all_there_is(PlantedBug bug) =>
        ForSeeds(bug, static async story =>
        {
            var keeper = await story.BeginAsync("keeper");
            for (var i = 0; i < 3; i++)
                await SetAsync(keeper, i, 10 + i);
            await story.RestartAsync(CrashKind.KeepsAll);
            Assert.Equal([10, 11, 12], await story.OffsetsAsync(keeper));
        });

    public static void Who_is_of_an_old_generation_commits_nothing(PlantedBug bug) =>
        ForSeeds(bug, static async story =>
        {
            var readers = await story.BeginAsync("readers");
            var first = await JoinAsync(readers, "");
            var second = await JoinAsync(readers, first.MemberId);
            Assert.Equal(first.GenerationId + 1, second.GenerationId);
            Assert.Equal(ErrorCode.IllegalGeneration, await CommitAsync(first));
            Assert.Equal(ErrorCode.None, await CommitAsync(second));

            async Task<ErrorCode?> CommitAsync(JoinGroupResponse joined) =>
                (await readers.CommitAsync(joined.MemberId, null, joined.GenerationId, [new(0, 7)]))?[0];
        });

    public static void Who_gives_signs_of_life_stays(PlantedBug bug) =>
        ForSeeds(bug, static async story =>
        {
            var readers = await story.BeginAsync("readers");
            var joined = await JoinAsync(readers, "");
            for (var i = 0; i < 10; i++)
            {
                await Task.Delay(Second, story.Lives.World);
                Assert.Equal(
                    ErrorCode.None, await readers.BeatAsync(joined.MemberId, null, joined.GenerationId));
            }
        });

    public static void Who_waits_for_a_group_hears_of_its_loss(PlantedBug bug) =>
        ForSeeds(bug, static async story =>
        {
            var readers = await story.BeginAsync("readers");
            var keeper = story.NewWire("keeper");
            await JoinAsync(readers, "");
            var other = story.NewWire("readers");
            var waiting = other.JoinAsync((await other.JoinAsync("", null))!.MemberId, null);
            await Task.Delay(Second / 2, story.Lives.World);
            Assert.False(waiting.IsCompleted, "a new member waits for the others");
            story.Lives.Node.Disk.Capacity = story.Lives.Node.Disk.Used;
            Assert.Equal(ErrorCode.NotCoordinator, (await keeper.CommitAsync("", null, -1, [new(0, 1)]))?[0]);
            await Task.Delay(Second / 2, story.Lives.World);
            Assert.True(waiting.IsCompleted, "a member waits for a group that is lost");
            Assert.Equal(ErrorCode.NotCoordinator, (await waiting)?.ErrorCode);
        });

    public static void Who_waits_for_a_commit_is_let_go_in_time(PlantedBug bug) =>
        ForSeeds(bug, static async story =>
        {
            var keeper = await story.BeginAsync("keeper");
            await SetAsync(keeper, 0, 1);
            var process = story.Lives.Node.Process!;
            process.IsStuck = true;
            var begin = story.Lives.World.Age;
            var answer = await keeper.CommitAsync("", null, -1, [new(0, 2)]);
            var waited = story.Lives.World.Age - begin;
            process.IsStuck = false;

            Assert.Equal(ErrorCode.CoordinatorNotAvailable, answer?[0]);
            Assert.InRange(waited, 5 * Second, 6 * Second);
            Assert.Equal([2, -1, -1], await story.OffsetsAsync(keeper));
        });

    private static async Task SetAsync(GroupWire keeper, int partition, long offset) => Assert.Equal(
        ErrorCode.None, (await keeper.CommitAsync("", null, -1, [new(partition, offset)]))?[partition]);

    private static async Task<JoinGroupResponse> JoinAsync(GroupWire wire, string member)
    {
        var joined = await wire.JoinAsync(member, null);
        if (joined?.ErrorCode == ErrorCode.MemberIdRequired)
            joined = await wire.JoinAsync(joined.MemberId, null);
        Assert.Equal(ErrorCode.None, joined?.ErrorCode);
        Assert.Equal(ErrorCode.None, (await wire.SyncAsync(joined!, null))?.ErrorCode);
        return joined!;
    }

    private static void ForSeeds(PlantedBug bug, Func<Story, Task> tell)
    {
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var story = new Story(bug, seed);
            story.Lives.Tell(() => tell(story));
        }
    }

    /// <summary>A node with one partition of groups, which loads a batch at a time, and a topic.</summary>
    private sealed class Story(PlantedBug bug, int seed)
    {
        private HistoryTopic? _topic;

        public Lives Lives { get; } = new(
            bug, seed, "offsets.topic.num.partitions=1", "offsets.load.buffer.size=1",
            "group.min.session.timeout.ms=1000", "group.initial.rebalance.delay.ms=0");

        /// <summary>Starts, and waits until the group can be asked.</summary>
        public async Task<GroupWire> BeginAsync(string group)
        {
            await Lives.Node.StartAsync();
            var peer = await Lives.DialAsync();
            _topic = new HistoryTopic("orders", await NodeStory.CreateAsync(peer, "orders", 3));
            _topic.Grow(3);
            await NodeStory.AskAsync(peer, new FindCoordinatorRequest { CoordinatorKeys = [group] });
            var wire = NewWire(group);
            await OffsetsAsync(wire);
            return wire;
        }

        public GroupWire NewWire(string group) => new(new Link(Lives.World), group, _topic!, Assignors.Range);

        public async Task RestartAsync(CrashKind kind)
        {
            Lives.Node.Crash(kind);
            await Lives.Node.StartAsync();
        }

        /// <summary>Where the group stands, once that can be told.</summary>
        public async Task<IEnumerable<long>> OffsetsAsync(GroupWire wire)
        {
            while (true)
            {
                if (await wire.FetchAsync() is { } found)
                    return found.OrderBy(static p => p.Key).Select(static p => p.Value);
                await Task.Delay(Second / 10, Lives.World);
            }
        }
    }
}
