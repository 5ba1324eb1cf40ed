using Barnabas.Base;
using Barnabas.Groups.Classic;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Groups;

/// <summary>Every request in every state of a classic group.</summary>
public sealed class ClassicTableTests
{
    private const ErrorCode Waits = (ErrorCode)(-100);

    [Theory]
    [InlineData("none", ErrorCode.UnknownMemberId)]
    [InlineData("empty", ErrorCode.UnknownMemberId)]
    [InlineData("preparing", ErrorCode.RebalanceInProgress)]
    [InlineData("completing", ErrorCode.None)]
    [InlineData("stable", ErrorCode.None)]
    public void A_heartbeat(string state, ErrorCode expected)
    {
        var story = In(state);
        Assert.Equal(expected, story.Beat("a"));
        if (story.Classic is null)
            return;
        Assert.Equal(ErrorCode.UnknownMemberId, story.Beat("stranger"));
        if (state != "empty")
            Assert.Equal(ErrorCode.IllegalGeneration, story.Beat("a", 99));
    }

    [Theory]
    [InlineData("none", ErrorCode.UnknownMemberId)]
    [InlineData("empty", ErrorCode.UnknownMemberId)]
    [InlineData("preparing", ErrorCode.RebalanceInProgress)]
    [InlineData("completing", Waits)]
    [InlineData("stable", ErrorCode.None)]
    public void A_sync_of_a_follower(string state, ErrorCode expected)
    {
        var story = In(state);
        Assert.Equal(expected, Of(story, story.Sync("b", story.Classic?.Generation ?? 1)));
        if (state is "none" or "empty")
            return;
        Assert.Equal(ErrorCode.UnknownMemberId, Of(story, story.Sync("stranger")));
        Assert.Equal(ErrorCode.IllegalGeneration, Of(story, story.Sync("b", 99)));
    }

    [Theory]
    [InlineData("none", Waits)]
    [InlineData("empty", Waits)]
    [InlineData("preparing", Waits)]
    [InlineData("completing", Waits)]
    [InlineData("stable", Waits)]
    public void A_join_of_somebody_new(string state, ErrorCode expected)
    {
        var story = In(state);
        var given = story.Join(newId: "c");
        Assert.Equal((ErrorCode.MemberIdRequired, "c"), (Of(story, given), story.Joined(given).MemberId));
        Assert.Equal(expected, Of(story, story.Join("c")));
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, Of(story, story.Join(newId: "d", type: "connect")));
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, Of(story, story.Join(newId: "d", protocol: "other")));
        Assert.Equal(ErrorCode.UnknownMemberId, Of(story, story.Join("stranger")));
        Assert.Equal(ErrorCode.InvalidSessionTimeout, Of(story, story.Join(newId: "d", sessionMs: 1)));
    }

    [Theory]
    [InlineData("none", ErrorCode.UnknownMemberId)]
    [InlineData("empty", ErrorCode.UnknownMemberId)]
    [InlineData("preparing", ErrorCode.None)]
    [InlineData("completing", ErrorCode.None)]
    [InlineData("stable", ErrorCode.None)]
    public void A_join_of_a_follower_that_changes_nothing(string state, ErrorCode expected)
    {
        var story = In(state);
        Assert.Equal(expected, Of(story, story.Join("b")));
    }

    [Theory]
    [InlineData("completing", ErrorCode.None, ClassicState.CompletingRebalance)]
    [InlineData("stable", Waits, ClassicState.PreparingRebalance)]
    public void A_join_of_the_leader_begins_a_rebalance_where_the_group_was_stable(
        string state, ErrorCode expected, ClassicState after)
    {
        var story = In(state);
        Assert.Equal(expected, Of(story, story.Join("a")));
        Assert.Equal(after, story.Classic!.State);
    }

    [Theory]
    [InlineData("none", ErrorCode.UnknownMemberId, null)]
    [InlineData("empty", ErrorCode.UnknownMemberId, ClassicState.Empty)]
    [InlineData("preparing", ErrorCode.None, ClassicState.CompletingRebalance)]
    [InlineData("completing", ErrorCode.None, ClassicState.PreparingRebalance)]
    [InlineData("stable", ErrorCode.None, ClassicState.PreparingRebalance)]
    public void A_member_leaves(string state, ErrorCode expected, ClassicState? after)
    {
        var story = In(state);
        Assert.Equal(expected, story.Leave("b"));
        Assert.Equal(after, story.Classic?.State);
        Assert.Equal(ErrorCode.UnknownMemberId, story.Leave("b"));
    }

    [Theory]
    [InlineData("none", ErrorCode.None, ErrorCode.GroupIdNotFound)]
    [InlineData("empty", ErrorCode.None, ErrorCode.UnknownMemberId)]
    [InlineData("preparing", ErrorCode.UnknownMemberId, ErrorCode.None)]
    [InlineData("completing", ErrorCode.UnknownMemberId, ErrorCode.RebalanceInProgress)]
    [InlineData("stable", ErrorCode.UnknownMemberId, ErrorCode.None)]
    public void A_commit_of_nobody_and_of_a_member(string state, ErrorCode nobodys, ErrorCode members)
    {
        Assert.Equal(nobodys, In(state).Commit("", -1));
        var story = In(state);
        Assert.Equal(members, story.Commit("b", story.Classic?.Generation ?? 1));
        if (state == "none")
        {
            Assert.Equal(ErrorCode.IllegalGeneration, story.Commit("b", 1, version: 8));
            return;
        }

        Assert.Equal(ErrorCode.UnknownMemberId, story.Commit("stranger", story.Classic!.Generation));
        if (state != "empty")
            Assert.Equal(ErrorCode.IllegalGeneration, story.Commit("b", 99));
    }

    [Theory]
    [InlineData("none", ErrorCode.GroupIdNotFound)]
    [InlineData("empty", ErrorCode.None)]
    [InlineData("preparing", ErrorCode.NonEmptyGroup)]
    [InlineData("completing", ErrorCode.NonEmptyGroup)]
    [InlineData("stable", ErrorCode.NonEmptyGroup)]
    public void A_deletion(string state, ErrorCode expected)
    {
        var story = In(state);
        Assert.Equal(expected, story.Run(Barnabas.Groups.DeleteGroups.Decide(story.State, GroupStory.Group)));
        if (expected == ErrorCode.None)
            Assert.Equal(0, story.Replayed.Groups.Count);
    }

    private static ErrorCode Of(GroupStory story, Barnabas.Journal.Ticket ticket) =>
        story.Answers.GetValueOrDefault(ticket) switch
        {
            JoinGroupResponse join => join.ErrorCode,
            SyncGroupResponse sync => sync.ErrorCode,
            _ => Waits,
        };

    /// <summary>A group of a, who leads, and b. While it prepares, a has joined again.</summary>
    private static GroupStory In(string state)
    {
        var story = new GroupStory();
        switch (state)
        {
            case "empty":
                story.Stable("a", "b");
                story.Leave("a");
                story.Leave("b");
                break;
            case "preparing":
                story.Stable("a", "b");
                story.Join("a");
                break;
            case "completing":
                story.Completing("a", "b");
                break;
            case "stable":
                story.Stable("a", "b");
                break;
            default:
                break;
        }

        return story;
    }
}
