using Barnabas.Groups.Consumer;
using static Barnabas.Tests.Unit.Groups.Consumer.Coordinator;

namespace Barnabas.Tests.Unit.Groups.Consumer;

public sealed class TopicPatternTests
{
    [Theory]
    [InlineData("orders", "orders")]
    [InlineData("orders|eu", "eu,orders")]
    [InlineData("orders.*", "orders,orders.eu,orders.us")]
    [InlineData(@"orders\.(?P<region>eu|us)", "orders.eu,orders.us")]
    [InlineData(@"\Qorders.\E..", "orders.eu,orders.us")]
    [InlineData(@"\Qorders", "orders")]
    [InlineData(@"\pL+", "eu,orders")]
    [InlineData(@"[[:alpha:]]x", "")]
    [InlineData("(?i)ORDERS", "orders")]
    [InlineData(@"\\Qx", "")]
    public void It_matches_whole_names(string pattern, string names)
    {
        Assert.True(TopicPattern.TryRead(pattern, out var read, out _));
        Assert.Equal(names, string.Join(',', read.Matches(["orders", "eu", "orders.us", "orders.eu"])));
    }

    [Theory]
    [InlineData("a(")]
    [InlineData("a)(b")]
    [InlineData("*")]
    [InlineData("(a)\\1")]
    [InlineData("(?=a)")]
    [InlineData("((a{1000}){1000}){1000}")]
    public void What_is_none_or_not_linear_is_refused(string pattern)
    {
        Assert.False(TopicPattern.TryRead(pattern, out _, out var fault));
        Assert.NotEmpty(fault);
    }

    [Fact]
    public void A_member_by_pattern_gets_the_topics_there_are_and_those_that_come()
    {
        var coordinator = new Coordinator().Topic("t", 2).Topic("u", 1);
        Assert.Equal("1 [t:0,1]", Show(Join(coordinator, "a", "t|v")));
        coordinator.Topic("v", 1);

        // Not at every change of the cluster at once, so that many topics that come together come in one epoch.
        Assert.Equal("1", Show(coordinator.Keep("a", 1)));
        coordinator.Now += 10_001;
        Assert.Equal("2 [t:0,1 v:0]", Show(coordinator.Keep("a", 1)));
        Assert.Equal(["t", "v"], coordinator.Group.Patterns["t|v"].Topics);
        Assert.True(coordinator.Group.IsSubscribedTo("v"));

        coordinator.Leave("a");
        Assert.Equal((0, 0), (coordinator.Group.Patterns.Count, coordinator.Group.Subscriptions.Count));
    }

    [Fact]
    public void A_pattern_adds_to_the_names_and_goes_when_it_is_empty()
    {
        var coordinator = new Coordinator().Topic("t", 1).Topic("u", 1);
        Assert.Equal("1 [t:0 u:0]", Show(Join(coordinator, "a", "u", "t")));
        var request = Joining("a", "t");
        (request.MemberEpoch, request.SubscribedTopicRegex, request.TopicPartitions) = (1, "", Owned("t:0 u:0"));
        Assert.Equal("1 [t:0]", Show(coordinator.Beat(request)));
        Assert.Equal("2", Show(coordinator.Keep("a", 1, "t:0")));
        Assert.Equal((0, 0), (coordinator.Group.Patterns.Count, coordinator.Group.PatternSubscriptions.Count));
    }

    private static Barnabas.Wire.Messages.ConsumerGroupHeartbeatResponse Join(
        Coordinator coordinator, string member, string pattern, string names = "")
    {
        var request = Joining(member, names);
        request.SubscribedTopicRegex = pattern;
        return coordinator.Beat(request);
    }
}
