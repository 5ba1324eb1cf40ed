using Barnabas.Groups;
using Barnabas.Groups.Assignors;
using FsCheck;
using FsCheck.Fluent;
using static Barnabas.Tests.Unit.Groups.Assignors.SpecGenerator;

namespace Barnabas.Tests.Unit.Groups.Assignors;

public sealed class UniformAssignorTests
{
    private static readonly Config Thorough = Config.QuickThrowOnFailure.WithMaxTest(1000);
    private static readonly UniformAssignor Uniform = new();

    [Theory]
    [InlineData("1=4", "a; b", "a 1:0,2; b 1:1,3")]
    [InlineData("1=4", "a 1:0,1,2,3; b", "a 1:0,1; b 1:2,3")]
    [InlineData("1=5", "a 1:0,1; b 1:2,3,4", "a 1:0,1; b 1:2,3,4")]
    [InlineData("1=5", "a 1:0,1,2,3,4; b; c; d; e; f", "a 1:0; b 1:4; c 1:3; d 1:2; e 1:1; f")]
    [InlineData("1=2 2=2", "a; b; c; d", "a 1:0; b 1:1; c 2:0; d 2:1")]
    [InlineData("1=3", "a 1:0,1,2,3,4,5", "a 1:0,1,2")]
    [InlineData("1=2", "a 1:0,1 2:0", "a 1:0,1")]
    public void Members_that_subscribe_to_all_topics(string topics, string before, string after) =>
        Assert.Equal(after, Show(Uniform.Assign(Group(topics, before))));

    [Theory]
    [InlineData("1=2 2=4", "a|1; b|1,2", "a 1:0,1; b 2:0,1,2,3")]
    [InlineData("1=4 2=2", "a|1; b|1,2", "a 1:0,1,2; b 1:3 2:0,1")]
    [InlineData("1=3", "a|1 1:0,1,2; b|2", "a 1:0,1,2; b")]
    [InlineData("1=3 2=3", "a|2 1:0,1,2; b|1", "a 2:0,1,2; b 1:0,1,2")]
    [InlineData(
        "1=4 2=4 3=4",
        "a|1 1:0,1,2,3; b|1,2 2:0,1,2,3; c|2,3 3:0,1,2,3; d|3",
        "a 1:0,1,2,3; b 2:0,1,2; c 2:3 3:0,1; d 3:2,3")]
    public void Members_that_subscribe_to_different_topics(string topics, string before, string after) =>
        Assert.Equal(after, Show(Uniform.Assign(Group(topics, before))));

    [Fact]
    public void No_member_has_two_more_than_one_that_could_take_over()
    {
        Prop.ForAll(Any, group =>
        {
            var target = Uniform.Assign(group);
            foreach (var owner in group.Members)
            {
                var others = group.Members.Where(other =>
                    target[owner.MemberId].Topics.Any(topic => other.Topics.Contains(topic.Topic)));
                Assert.All(others, other =>
                    Assert.InRange(target[owner.MemberId].Count - target[other.MemberId].Count, int.MinValue, 1));
            }
        }).Check(Thorough);
    }

    [Fact]
    public void A_balanced_assignment_stays()
    {
        Prop.ForAll(Any, group =>
        {
            var target = Uniform.Assign(group);
            Assert.Equal(target, Uniform.Assign(group.After(target)));
        }).Check(Thorough);
    }

    [Fact]
    public void No_more_moves_than_balance_asks_for()
    {
        Prop.ForAll(Homogeneous, group =>
        {
            var target = Uniform.Assign(group);
            var topics = group.Members.First().Topics.Where(group.Partitions.ContainsKey).ToHashSet();
            var total = topics.Sum(topic => group.Partitions[topic]);
            var (least, extra) = Math.DivRem(total, group.Members.Count);
            var had = group.Members.ToDictionary(member => member.MemberId, member => member.Target.Where(
                (topic, partition) => topics.Contains(topic) && partition < group.Partitions[topic]));

            // Who has too much keeps one more than the others, as long as there are such places.
            var canStay = had.Values.Sum(set => Math.Min(set.Count, least))
                + Math.Min(extra, had.Values.Count(set => set.Count > least));
            Assert.Equal(canStay, had.Sum(pair => pair.Value.Intersect(target[pair.Key]).Count));
        }).Check(Thorough);
    }

    [Fact]
    public void Who_joins_takes_its_share_and_nothing_else_moves()
    {
        Prop.ForAll(Homogeneous, group =>
        {
            var before = Uniform.Assign(group);
            var joiner = group.Members.First() with { MemberId = "z", InstanceId = null, Target = PartitionSet.Empty };
            var after = Uniform.Assign(group.After(before) with { Members = [.. group.After(before).Members, joiner] });
            Assert.All(before, entry => Assert.True(after[entry.Key].IsSubsetOf(entry.Value)));
        }).Check(Thorough);
    }

    [Fact]
    public void Who_leaves_gives_its_share_and_nothing_else_moves()
    {
        Prop.ForAll(Homogeneous, group =>
        {
            var before = Uniform.Assign(group);
            var rest = group.After(before).Members.Skip(1).ToList();
            var after = Uniform.Assign(group with { Members = rest });
            Assert.All(after, entry => Assert.True(before[entry.Key].IsSubsetOf(entry.Value)));
        }).Check(Thorough);
    }

    /// <summary>A group from text: topics with their partitions, then members, where they do not subscribe to all with
    /// their topics, with what they have.</summary>
    private static GroupSpec Group(string topics, string members)
    {
        var partitions = topics.Split(' ').Select(topic => topic.Split('='))
            .ToDictionary(topic => Topic(int.Parse(topic[0])), topic => int.Parse(topic[1]));
        return new(
            [
                .. from member in members.Split("; ")
                   let words = member.Split(' ', 2)
                   let name = words[0].Split('|')
                   let own = name.Skip(1).SelectMany(list => list.Split(',')).Select(int.Parse).Select(Topic)
                   let subscribed = name.Length > 1 ? own : partitions.Keys
                   select new AssignorMember(name[0], null, [.. subscribed], Set(words.Length > 1 ? words[1] : "")),
            ],
            partitions);
    }
}
