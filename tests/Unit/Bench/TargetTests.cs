using Barnabas.Base;
using Barnabas.Bench;

namespace Barnabas.Tests.Unit.Bench;

public sealed class TargetTests
{
    /// <summary>Leaders by partition, connections, and what each connection gets.</summary>
    public static TheoryData<string, int, string> Deals => new()
    {
        { "a", 1, "0" },
        { "aaaa", 1, "0123" },
        { "aaaa", 2, "02 13" },
        { "aaaa", 4, "0 1 2 3" },
        { "aa", 5, "0 1 0 1 0" },
        { "aabb", 2, "01 23" },
        { "aabb", 1, "01 23" },
        { "aabb", 4, "0 2 1 3" },
        { "aaab", 3, "02 3 1" },
    };

    [Theory]
    [MemberData(nameof(Deals))]
    public void Every_partition_has_a_connection_to_its_leader_and_every_connection_a_partition(
        string leaders, int connections, string shares)
    {
        var targets = leaders.Select(static (leader, at) => new Target(
            "t", TopicId.None, at, leader.ToString(), 1, new Offset(0), new Offset(0))).ToList();
        var dealt = Target.Deal(targets, connections);
        Assert.Equal(
            shares, string.Join(' ', dealt.Select(share => string.Concat(share.Select(one => one.Partition)))));
        Assert.All(dealt, share => Assert.Single(share.Select(one => one.Host).Distinct()));
    }
}
