using Barnabas.Base;
using Barnabas.Journal;
using Barnabas.Quorum;
using Barnabas.Wire;

namespace Barnabas.Tests.Unit.Quorum;

public sealed class SharedJournalTests
{
    [Fact]
    public void What_a_leader_appends_in_one_go_is_committed_in_that_order()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var world = new SoloWorld(seed);
            world.World.Run(async () =>
            {
                await using var shared = await OpenAsync(world);
                var (first, second) = (await JoinAsync(world, shared, 1), await JoinAsync(world, shared, 2));
                await LeadsAsync(world, first);

                var names = Enumerable.Range(0, 100).Select(i => $"t{i}").ToList();
                var added = names.Select(name => first.AddAsync(name)).ToList();
                foreach (var add in added)
                    Assert.True(await add);

                Assert.Equal(names, first.Committed);
                await AgreeAsync(world, second, names);
            });
        }
    }

    [Fact]
    public void Another_leads_on_what_was_committed_when_a_leader_leaves_in_the_middle_of_its_appends()
    {
        for (var seed = 1; seed <= 50; seed++)
        {
            var world = new SoloWorld(seed);
            world.World.Run(async () =>
            {
                await using var shared = await OpenAsync(world);
                var (first, second) = (await JoinAsync(world, shared, 1), await JoinAsync(world, shared, 2));
                await LeadsAsync(world, first);

                var names = Enumerable.Range(0, 20).Select(i => $"t{i}").ToList();
                var added = names.Select(name => first.AddAsync(name)).ToList();
                var left = first.Journal.CloseAsync();
                var acknowledged = new List<string>();
                foreach (var (name, add) in names.Zip(added))
                {
                    if (await add)
                        acknowledged.Add(name);
                }

                await left;
                await LeadsAsync(world, second);
                Assert.True(await second.AddAsync("after"));
                Assert.Equal(names.Take(second.Committed.Count - 1).Append("after"), second.Committed);
                Assert.True(second.Committed.Count > acknowledged.Count);

                var again = await JoinAsync(world, shared, 1);
                await AgreeAsync(world, again, second.Committed);
            });
        }
    }

    private static Task<SharedJournal<Names>> OpenAsync(SoloWorld world) => SharedJournal.OpenAsync<Names>(
        world.Host, new SoloSettings(SoloWorld.LogDir, SoloWorld.Self), state => state.ToRecords(),
        new SnapshotRules(long.MaxValue, null));

    private static async Task<Member> JoinAsync(SoloWorld world, SharedJournal<Names> shared, int node)
    {
        var lane = world.World.NewLane($"node {node}");
        var journal = shared.Join(new BrokerId(node), lane, world.Host.Time);
        var machine = new Machine<Names, ITypedRecord>(lane, journal);
        await machine.StartAsync();
        await journal.Joined;
        return new Member(journal, machine);
    }

    private static async Task LeadsAsync(SoloWorld world, Member member)
    {
        while (!await member.Machine.CommandAsync<bool>(_ => new(true, []), () => false))
            await Task.Delay(TimeSpan.FromMilliseconds(1), world.Host.Time);
    }

    private static async Task AgreeAsync(SoloWorld world, Member member, IReadOnlyList<string> names)
    {
        for (var turn = 0; turn < 1_000 && member.Committed.Count < names.Count; turn++)
            await Task.Delay(TimeSpan.FromMilliseconds(1), world.Host.Time);
        Assert.Equal(names, member.Committed);
    }

    private sealed record Member(SharedJournalMember<Names> Journal, Machine<Names, ITypedRecord> Machine)
    {
        public IReadOnlyList<string> Committed => Machine.Committed.All;

        public Task<bool> AddAsync(string name) =>
            Machine.CommandAsync<bool>(_ => new(true, [Names.Record(name)]), () => false);
    }
}
