using Barnabas.Groups;
using Barnabas.Groups.Assignors;
using FsCheck;
using FsCheck.Fluent;
using static Barnabas.Tests.Unit.Groups.Assignors.SpecGenerator;

namespace Barnabas.Tests.Unit.Groups.Assignors;

public sealed class RangeAssignorTests
{
    private static readonly RangeAssignor Range = new();

    [Fact]
    public void Topics_with_equally_many_partitions_are_co_partitioned() => Assert.Equal(
        "a 1:0,1 2:0,1; b 1:2 2:2",
        Show(Range.Assign(Group("1=3 2=3", ("a", null, "1,2"), ("b", null, "1,2")))));

    [Fact]
    public void Every_topic_is_dealt_by_itself_among_its_subscribers() => Assert.Equal(
        "a 1:0,1 2:0,1; b 1:2; c 2:2",
        Show(Range.Assign(Group("1=3 2=3", ("a", null, "1,2"), ("b", null, "1"), ("c", null, "2")))));

    [Fact]
    public void Who_is_too_many_gets_nothing() => Assert.Equal(
        "a 1:0; b 1:1; c",
        Show(Range.Assign(Group("1=2", ("a", null, "1"), ("b", null, "1"), ("c", null, "1")))));

    [Fact]
    public void Static_members_come_first_by_instance_id_whatever_their_member_ids() => Assert.Equal(
        "a 1:3; b 1:2; y 1:1; z 1:0",
        Show(Range.Assign(Group("1=4", ("a", null, "1"), ("b", "i3", "1"), ("y", "i2", "1"), ("z", "i1", "1")))));

    [Fact]
    public void Shares_are_runs_and_differ_by_one_at_most()
    {
        Prop.ForAll(Any, group =>
        {
            var target = Range.Assign(group);
            foreach (var topic in group.Partitions.Keys)
            {
                var shares = group.Members
                    .Where(member => member.Topics.Contains(topic))
                    .Select(member => target[member.MemberId].Of(topic))
                    .ToList();
                Assert.All(shares.Where(share => !share.IsEmpty), share => Assert.Equal(
                    Enumerable.Range(share[0], share.Length), share));
                if (shares.Count > 0)
                    Assert.InRange(shares.Max(share => share.Length) - shares.Min(share => share.Length), 0, 1);
            }
        }).QuickCheckThrowOnFailure();
    }

    private static GroupSpec Group(string topics, params (string Id, string? Instance, string Topics)[] members) => new(
        [
            .. members.Select(member => new AssignorMember(
                member.Id,
                member.Instance,
                [.. member.Topics.Split(',').Select(int.Parse).Select(Topic)],
                PartitionSet.Empty)),
        ],
        topics.Split(' ').Select(topic => topic.Split('='))
            .ToDictionary(topic => Topic(int.Parse(topic[0])), topic => int.Parse(topic[1])));
}
