using Barnabas.Sim;

namespace Barnabas.Tests.Unit.Quorum;

public sealed class SoloCrashTests
{
    [Fact]
    public void Whenever_the_machine_stops_what_was_committed_is_there_and_nothing_that_was_never_appended()
    {
        for (var seed = 0; seed < 200; seed++)
            Try(seed, snapshotBytes: seed % 2 == 0 ? 400 : long.MaxValue);
    }

    private static void Try(int seed, long snapshotBytes)
    {
        var world = new SoloWorld(seed);
        var committed = new List<string>();
        for (var life = 0; life < 4; life++)
        {
            var appended = new List<string>(committed);
            world.World.Run(async () =>
            {
                SoloNode node;
                try
                {
                    // The stop may come within the start itself.
                    world.Disk.FailAt(world.Disk.Calls + 1 + world.World.Random.Next(120), andAfter: true);
                    node = await world.StartAsync(snapshotBytes: snapshotBytes);
                }
                catch (IOException fault) when (fault is not Barnabas.Quorum.MetadataDamagedException)
                {
                    return;
                }

                Assert.Equal(committed, node.Committed.Take(committed.Count));
                appended = [.. node.Committed];
                await Live(world, node, life, appended, committed);
            });

            world.Disk.Crash((CrashKind)world.World.Random.Next(3));
            committed = Check(world, seed, life, committed, appended);
        }
    }

    private static async Task Live(
        SoloWorld world, SoloNode node, int life, List<string> appended, List<string> committed)
    {
        var acknowledged = new List<string>(node.Committed);
        var answers = new List<(string[] Names, Task<bool> Answer)>();
        for (var i = 0; i < 25; i++)
        {
            var names = Enumerable.Range(0, 1 + world.World.Random.Next(3)).Select(n => $"{life}-{i}-{n}").ToArray();
            appended.AddRange(names);
            answers.Add((names, node.AddAsync(names)));
            if (world.World.Random.Next(2) == 0)
                await answers[^1].Answer;
        }

        foreach (var (names, answer) in answers)
        {
            if (await answer)
                acknowledged.AddRange(names);
        }

        node.Keeper.Dispose();
        committed.Clear();
        committed.AddRange(acknowledged);
    }

    private static List<string> Check(
        SoloWorld world, int seed, int life, List<string> committed, List<string> appended)
    {
        List<string> found = [];
        world.World.Run(async () => found = [.. (await world.StartAsync()).Committed]);
        Assert.True(
            committed.SequenceEqual(found.Take(committed.Count)), $"seed {seed}, life {life}: lost what was committed");
        Assert.True(
            appended.Take(found.Count).SequenceEqual(found),
            $"seed {seed}, life {life}: found what was never appended");
        return found;
    }
}
