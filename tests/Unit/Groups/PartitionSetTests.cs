using Barnabas.Base;
using Barnabas.Groups;
using Barnabas.Tests.Unit.Groups.Assignors;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Groups;

public sealed class PartitionSetTests
{
    [Fact]
    public void It_is_a_set_of_pairs()
    {
        Prop.ForAll<(byte Topic, byte Partition)[], (byte Topic, byte Partition)[]>((left, right) =>
        {
            var (a, b) = (Pairs(left), Pairs(right));
            var (x, y) = (PartitionSet.Of(a), PartitionSet.Of(b));

            Assert.Equal(a.Count, x.Count);
            Assert.Equal(PartitionSet.Of(a.Union(b)), x.Union(y));
            Assert.Equal(PartitionSet.Of(a.Intersect(b)), x.Intersect(y));
            Assert.Equal(PartitionSet.Of(a.Except(b)), x.Except(y));
            Assert.Equal(a.IsSubsetOf(b), x.IsSubsetOf(y));
            Assert.Equal(a.Overlaps(b), x.Overlaps(y));
            Assert.Equal(a.SetEquals(b), x.Equals(y));
            Assert.All(b, pair => Assert.Equal(a.Contains(pair), x.Contains(pair.Topic, pair.Partition)));
            Assert.True(!x.Equals(y) || x.GetHashCode() == y.GetHashCode());
            Assert.Equal(x.Topics.Select(topic => topic.Topic).Order(), x.Topics.Select(topic => topic.Topic));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void What_changes_nothing_gives_back_the_same_set()
    {
        var set = SpecGenerator.Set("1:0,1 2:5");
        Assert.Same(set, set.Except(SpecGenerator.Set("1:2 3:0")));
        Assert.Same(set, set.Intersect(SpecGenerator.Set("1:0,1,2 2:4,5")));
        Assert.Same(set, set.Union(PartitionSet.Empty));
    }

    private static HashSet<(TopicId Topic, int Partition)> Pairs((byte Topic, byte Partition)[] pairs) =>
        [.. pairs.Select(pair => (SpecGenerator.Topic(pair.Topic % 4), pair.Partition % 8))];
}
