using Barnabas.Base;
using Barnabas.Client;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Client.Groups;

/// <summary>How partitions are shared out: everyone's by tables, the sticky ones' by what must always hold.</summary>
public sealed class AssignorTests
{
    // A partition changes hands in two rounds, and what old claims contradict each other in may change hands again.
    private const int RoundsToAgree = 6;

    private static readonly string[] Names = ["a", "b", "c"];

    [Fact]
    public void Range_gives_neighbours_to_a_member_topic_by_topic() => Assert.Equal(
        "m1: a-0 a-1 b-0 b-1\nm2: a-2 b-2",
        Text(Assignors.Range, "a:3 b:3", "m1: a b", "m2: a b"));

    [Fact]
    public void Range_passes_over_who_does_not_subscribe() => Assert.Equal(
        "m1: a-0 a-1\nm2: b-0\nm3: a-2 b-1",
        Text(Assignors.Range, "a:3 b:2", "m1: a", "m2: b", "m3: a b gone"));

    [Fact]
    public void Round_robin_deals_out_in_turn() => Assert.Equal(
        "m1: a-0 a-2 b-1\nm2: a-1 b-0 b-2",
        Text(Assignors.RoundRobin, "a:3 b:3", "m1: a b", "m2: a b"));

    [Fact]
    public void Round_robin_passes_over_who_does_not_subscribe() => Assert.Equal(
        "m1: a-0\nm2: b-0\nm3: b-1 c-0 c-1 c-2",
        Text(Assignors.RoundRobin, "a:1 b:2 c:3", "m1: a", "m2: a b", "m3: a b c"));

    [Fact]
    public void More_members_than_partitions_leave_some_without()
    {
        foreach (var assignor in All)
        {
            var shares = assignor.Assign(Topics("a:2"), [Member("m1: a"), Member("m2: a"), Member("m3: a")]);
            Assert.Equal([0, 1, 1], shares.Values.Select(s => s.Count).Order());
        }
    }

    [Fact]
    public void Static_members_stand_in_the_order_of_their_names()
    {
        MemberSubscription[] members =
        [
            new("z", "first", ["a"]), new("y", "second", ["a"]), new("b", null, ["a"]), new("c", null, ["a"]),
        ];
        foreach (var assignor in new[] { Assignors.Range, Assignors.RoundRobin })
        {
            var shares = assignor.Assign(Topics("a:4"), members);
            Assert.Equal(["a-0", "a-1", "a-2", "a-3"], "zybc".Select(m => $"{Assert.Single(shares[$"{m}"])}"));
        }
    }

    [Fact]
    public void Sticky_moves_only_what_a_new_member_is_due()
    {
        var owners = new[] { Owning("m1", 5, "a", 0, 1, 2), Owning("m2", 5, "a", 3, 4, 5), Member("m3: a") };
        var shares = Assign(Assignors.Sticky, "a:6", owners);
        Assert.Equal("m1: a-0 a-1\nm2: a-3 a-4\nm3: a-2 a-5", Text(shares));
    }

    [Fact]
    public void The_newest_generation_keeps_what_two_members_claim_and_nobody_does_in_one()
    {
        var shares = Assign(
            Assignors.Sticky, "a:2", [Owning("m1", 4, "a", 0), Owning("m2", 5, "a", 0), Member("m3: a")]);
        Assert.Contains(new TopicPartition("a", 0), shares["m2"]);

        var both = Assign(Assignors.Sticky, "a:1", [Owning("m1", 5, "a", 0), Owning("m2", 5, "a", 0)]);
        Assert.Equal(1, both.Values.Sum(s => s.Count));
    }

    [Fact]
    public void Cooperative_gives_nobody_what_its_owner_has_yet_to_give_up()
    {
        var first = Assign(Assignors.CooperativeSticky, "a:4", [Owning("m1", 5, "a", 0, 1, 2, 3), Member("m2: a")]);
        Assert.Equal("m1: a-0 a-1\nm2: ", Text(first));

        var second = Assign(Assignors.CooperativeSticky, "a:4", [Owning("m1", 6, "a", 0, 1), Member("m2: a")]);
        Assert.Equal("m1: a-0 a-1\nm2: a-2 a-3", Text(second));
    }

    [Fact]
    public void Every_partition_has_one_owner_who_subscribes_and_no_share_can_be_evened() =>
        Prop.ForAll(Groups().ToArbitrary(), group =>
        {
            foreach (var assignor in All)
            {
                var shares = Assign(assignor, group.Topics, group.Members);
                HasOneOwner(group, shares, isComplete: !assignor.IsCooperative);
                if (assignor == Assignors.Sticky)
                    IsEven(group, shares);
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Nothing_moves_when_nothing_has_changed() => Prop.ForAll(Groups().ToArbitrary(), group =>
    {
        foreach (var assignor in new[] { Assignors.Sticky, Assignors.CooperativeSticky })
        {
            var settled = Settle(assignor, group);
            var again = Settle(assignor, group with { Members = Having(group.Members, settled, 20) });
            Assert.Equal(Text(settled), Text(again));
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Who_stays_keeps_all_it_had_where_one_of_equals_leaves() =>
        Prop.ForAll(Gen.Choose(2, 9).SelectMany(m => Gen.Choose(1, 40).Select(p => (m, p))).ToArbitrary(), size =>
        {
            MemberSubscription[] members =
                [.. Enumerable.Range(0, size.m).Select(i => new MemberSubscription($"m{i}", null, ["a"]))];
            var before = Assign(Assignors.Sticky, $"a:{size.p}", members);
            var left = Having(members, before, 3)[1..];
            var after = Assign(Assignors.Sticky, $"a:{size.p}", left);
            foreach (var member in left)
                Assert.Subset(after[member.MemberId].ToHashSet(), before[member.MemberId].ToHashSet());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Cooperative_members_agree_soon_and_never_share_a_partition() =>
        Prop.ForAll(Groups().ToArbitrary(), group =>
        {
            var members = group.Members;
            var shares = Assign(Assignors.CooperativeSticky, group.Topics, members);
            for (var round = 0; round < RoundsToAgree; round++)
            {
                shares = Assign(Assignors.CooperativeSticky, group.Topics, members);
                foreach (var (id, share) in shares)
                {
                    foreach (var other in members.Where(m => m.MemberId != id))
                        Assert.Empty(share.Intersect(other.Owned));
                }

                members = Having(members, shares, 10 + round);
            }

            HasOneOwner(group, shares, isComplete: true);
            IsEven(group, shares);
        }).QuickCheckThrowOnFailure();

    private static IPartitionAssignor[] All =>
        [Assignors.Range, Assignors.RoundRobin, Assignors.Sticky, Assignors.CooperativeSticky];

    private static void HasOneOwner(
        Group group, IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> shares, bool isComplete)
    {
        Assert.Equal(group.Members.Select(m => m.MemberId).Order(), shares.Keys.Order());
        var given = shares.Values.SelectMany(s => s).ToList();
        Assert.Equal(given.Count, given.Distinct().Count());
        Assert.All(group.Members, m => Assert.All(shares[m.MemberId], p => Assert.Contains(p.Topic, m.Topics)));
        var topics = Topics(group.Topics);
        var wanted = topics.Where(t => group.Members.Any(m => m.Topics.Contains(t.Key))).Sum(t => t.Value);
        if (isComplete)
            Assert.Equal(wanted, given.Count);
    }

    /// <summary>No member has two more than another that could have one of them.</summary>
    private static void IsEven(Group group, IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> shares)
    {
        foreach (var poor in group.Members)
        {
            foreach (var (id, share) in shares.Where(s => s.Value.Count > shares[poor.MemberId].Count + 1))
                Assert.DoesNotContain(share, p => poor.Topics.Contains(p.Topic));
        }
    }

    private static IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> Settle(
        IPartitionAssignor assignor, Group group)
    {
        var members = group.Members;
        for (var round = 1; round < RoundsToAgree; round++)
            members = Having(members, Assign(assignor, group.Topics, members), 8 + round);
        return Assign(assignor, group.Topics, members);
    }

    private static MemberSubscription[] Having(
        MemberSubscription[] members, IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> shares,
        int generation) =>
        [.. members.Select(m => m with { Owned = shares[m.MemberId], Generation = generation })];

    /// <summary>What members claim, as either sticky assignor is told it.</summary>
    private static IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> Assign(
        IPartitionAssignor assignor, string topics, MemberSubscription[] members) => assignor.Assign(
            Topics(topics),
            [.. members.Select(m => m with { UserData = assignor.UserData(m.Owned, m.Generation) })]);

    private static string Text(IPartitionAssignor assignor, string topics, params string[] members) =>
        Text(assignor.Assign(Topics(topics), [.. members.Select(Member)]));

    private static string Text(IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> shares) => string.Join(
        '\n', shares.OrderBy(s => s.Key, StringComparer.Ordinal)
            .Select(s => $"{s.Key}: {string.Join(' ', s.Value.Order())}"));

    private static MemberSubscription Member(string text)
    {
        var (id, topics) = (text.Split(':')[0], text.Split(':')[1]);
        return new(id, null, topics.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    private static MemberSubscription Owning(string id, int generation, string topic, params int[] owned) =>
        new(id, null, [topic])
        {
            Generation = generation,
            Owned = [.. owned.Select(p => new TopicPartition(topic, p))],
        };

    private static Dictionary<string, int> Topics(string text) => text
        .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(t => t.Split(':'))
        .ToDictionary(t => t[0], t => int.Parse(t[1], System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Groups of any subscriptions, whose members claim what they please, also the same.</summary>
    private static Gen<Group> Groups() =>
        from counts in Gen.Choose(0, 9).ListOf(3)
        from size in Gen.Choose(1, 6)
        from members in Gen.CollectToArray(Enumerable.Range(0, size), i =>
            from topics in Gen.SubListOf(Names)
            from owned in Gen.SubListOf(Names.SelectMany(
                (n, t) => Enumerable.Range(0, counts[t]).Select(p => new TopicPartition(n, p))))
            from generation in Gen.Choose(-1, 3)
            select new MemberSubscription($"m{i}", null, [.. topics])
            {
                Owned = [.. owned],
                Generation = generation,
            })
        select new Group(string.Join(' ', Names.Select((n, t) => $"{n}:{counts[t]}")), members);

    private sealed record Group(string Topics, MemberSubscription[] Members);
}
