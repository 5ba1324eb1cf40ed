using Barnabas.Base;
using Barnabas.Groups.Assignors;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Groups.Assignors;

/// <summary>What holds for every assignor, and how one is found.</summary>
public sealed class AssignorTests
{
    private static readonly Config Thorough = Config.QuickThrowOnFailure.WithMaxTest(1000);

    public static readonly TheoryData<string> Names = ["uniform", "range"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_partition_somebody_subscribes_to_goes_to_exactly_one_subscriber(string name)
    {
        Prop.ForAll(SpecGenerator.Any, group =>
        {
            var target = Of(name).Assign(group);
            var topics = group.Members.ToDictionary(member => member.MemberId, member => member.Topics.ToHashSet());

            Assert.Equal(topics.Keys.Order(), target.Keys.Order());
            Assert.All(target, entry => Assert.All(entry.Value.Topics, topic =>
                Assert.Contains(topic.Topic, topics[entry.Key])));
            Assert.Equal(
                group.Partitions
                    .Where(topic => topics.Values.Any(subscribed => subscribed.Contains(topic.Key)))
                    .SelectMany(topic => Enumerable.Range(0, topic.Value).Select(partition => (topic.Key, partition)))
                    .Order(),
                target.Values
                    .SelectMany(set => set.Topics)
                    .SelectMany(topic => topic.Partitions.Select(partition => (topic.Topic, partition)))
                    .Order());
        }).Check(Thorough);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_order_in_which_members_and_topics_come_changes_nothing(string name)
    {
        Prop.ForAll(SpecGenerator.Any, group =>
        {
            var other = new GroupSpec(
                [.. group.Members.Reverse().Select(member => member with { Topics = [.. member.Topics.Reverse()] })],
                group.Partitions.Reverse().ToDictionary());
            Assert.Equal(Of(name).Assign(group), Of(name).Assign(other));
        }).Check(Thorough);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_group_of_nobody_gets_nothing(string name) =>
        Assert.Empty(Of(name).Assign(new([], new Dictionary<TopicId, int> { [SpecGenerator.Topic(1)] = 3 })));

    [Fact]
    public void The_first_assignor_offered_is_the_default()
    {
        var assignors = new ServerAssignors(["range", "uniform"]);
        Assert.IsType<RangeAssignor>(assignors.Default);
        Assert.IsType<UniformAssignor>(assignors.Find("uniform"));
        Assert.Null(new ServerAssignors(["range"]).Find("uniform"));
        Assert.Equal(["range", "uniform"], assignors.Names);
    }

    [Fact]
    public void An_unknown_assignor_cannot_be_offered()
    {
        Assert.Throws<ArgumentException>(() => new ServerAssignors(["uniform", "sticky"]));
        Assert.Throws<ArgumentException>(() => new ServerAssignors([]));
    }

    private static IPartitionAssignor Of(string name) => new ServerAssignors(["uniform", "range"]).Find(name)!;
}
