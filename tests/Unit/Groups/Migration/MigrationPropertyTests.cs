using Barnabas.Base;
using Barnabas.Groups.Classic;
using Barnabas.Groups.Consumer;
using Barnabas.Tests.Unit.Cluster;
using Barnabas.Tests.Unit.Groups.Consumer;
using Barnabas.Wire.Messages;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Groups.Migration;

/// <summary>Members of both protocols that come, go and stall in any order, while the group changes between the two.
/// </summary>
public sealed class MigrationPropertyTests
{
    private const int Partitions = 5;
    private static readonly TopicId Orders = new(new Uuid(5, 'o'));

    public static readonly TheoryData<int> Seeds = [.. Enumerable.Range(1, 12)];

    [Fact]
    public void Whatever_members_do_a_partition_has_one_owner_and_a_replay_gives_the_group() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 1 << 20)).ToArbitrary(), steps => Live(steps)).QuickCheckThrowOnFailure();

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Long_lives_hold_it_too_and_see_both_kinds_of_group(int seed)
    {
        var random = new Barnabas.Sim.SimRandom((ulong)seed);
        var seen = Live([.. Enumerable.Range(0, 1_500).Select(_ => random.Next(1 << 20))], replayEvery: 40);
        Assert.True(seen is { Upgrades: > 1, Downgrades: > 1 }, $"{seen}");
    }

    private static (int Upgrades, int Downgrades) Live(int[] steps, int replayEvery = 1)
    {
        var story = new GroupStory { Cluster = new(ClusterOf(Partitions), 1, 1) };
        var clients = new List<MixedClient>();
        var (upgrades, downgrades, names) = (0, 0, 0);
        foreach (var (index, step) in steps.Index())
        {
            var (wasClassic, wasConsumer) = (story.Classic is { IsEmpty: false }, story.Consumer is { IsEmpty: false });
            Step(story, clients, step, ref names);
            upgrades += wasClassic && story.Consumer is { IsEmpty: false } ? 1 : 0;
            downgrades += wasConsumer && story.Classic is { IsEmpty: false } ? 1 : 0;
            CheckOwners(story, clients);
            if (index % replayEvery == 0)
                CheckReplay(story);
        }

        return (upgrades, downgrades);
    }

    private static void Step(GroupStory story, List<MixedClient> clients, int step, ref int names)
    {
        story.Now += step % 1000;
        var client = clients.Count == 0 ? null : clients[(step >> 4) % clients.Count];
        switch (step % 16)
        {
            case 0 when clients.Count < 5:
                var name = $"m{++names:000}";
                clients.Add((step & 64) == 0
                    ? new MixedClient.OfClassic(story, name, Partitions)
                    : new MixedClient.OfConsumer(story, name, Orders));
                clients[^1].Beat();
                break;
            case 1 when client is not null:
                client.Leave();
                clients.Remove(client);
                break;
            case 2 when story.Timers.Count > 0:
                var timers = story.Timers.Keys.OrderBy(key => key.ToString(), StringComparer.Ordinal).ToList();
                story.Ring(timers[(step >> 4) % timers.Count]);
                NoticeWhoIsOut(story, clients);
                break;
            case 3 when story.Timers.Keys.OfType<JoinTimer>().Any():
                story.Ring<JoinTimer>();
                NoticeWhoIsOut(story, clients);
                break;
            default:
                client?.Beat();
                break;
        }
    }

    // A client that is silent for so long gives up what it has before its time is over.
    private static void NoticeWhoIsOut(GroupStory story, List<MixedClient> clients)
    {
        foreach (var client in clients)
        {
            if (story.Classic?.Find(client.Id) is null && story.Consumer?.Find(client.Id) is null)
                client.Abandon();
        }
    }

    private static void CheckOwners(GroupStory story, List<MixedClient> clients)
    {
        var owned = clients.SelectMany(client => client.Owned.Select(partition => (partition, client.Id))).ToList();
        Assert.Equal(owned.Count, owned.DistinctBy(pair => pair.partition).Count());
        if (story.Consumer is not { } group)
            return;
        Assert.All(owned, pair => Assert.Equal(pair.Id, group.Holders[(Orders, pair.partition)]));
        Assert.Equal(
            group.Members.Sum(member => member.Value.Assigned.Count + member.Value.Revoking.Count),
            group.Holders.Count);
    }

    private static void CheckReplay(GroupStory story)
    {
        var replayed = story.Replayed.Find(GroupStory.Group)?.Membership;
        if (story.Consumer is { } group)
        {
            Assert.Equal(GroupText.Of(group), GroupText.Of(replayed as ConsumerGroup));
        }
        else if (story.Classic is { State: ClassicState.Stable } classic)
        {
            var then = Assert.IsType<ClassicGroup>(replayed);
            Assert.Equal(
                (classic.Generation, classic.Protocol, classic.Leader, classic.Members.Count),
                (then.Generation, then.Protocol, then.Leader, then.Members.Count));
        }
        else
        {
            Assert.False(replayed is ConsumerGroup, "nothing is left of a consumer group");
        }
    }

    internal static Barnabas.Cluster.ClusterState ClusterOf(int partitions)
    {
        var cluster = Sample.Brokers(1).Apply(new TopicRecord { Name = "orders", TopicId = Orders });
        for (var index = 0; index < partitions; index++)
        {
            cluster = cluster.Apply(new PartitionRecord
            {
                TopicId = Orders,
                PartitionId = index,
                Replicas = [new(1)],
                Isr = [new(1)],
                Leader = new(1),
                Directories = [Uuid.Zero],
            });
        }

        return cluster;
    }
}
