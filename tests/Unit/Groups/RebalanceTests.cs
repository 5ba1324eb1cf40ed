using Barnabas.Base;
using Barnabas.Groups.Classic;

namespace Barnabas.Tests.Unit.Groups;

/// <summary>Rebalances of classic groups from end to end.</summary>
public sealed class RebalanceTests
{
    private readonly GroupStory _story = new();

    [Fact]
    public void The_first_members_wait_for_more_and_the_first_of_them_leads()
    {
        var a = _story.Join(newId: "a", version: 3);
        var b = _story.Join(newId: "b", version: 3);
        Assert.Equal(TimeSpan.FromSeconds(3), _story.Timers[new JoinTimer(GroupStory.Group)]);
        _story.Ring<JoinTimer>();
        Assert.Empty(_story.Answers);
        _story.Ring<JoinTimer>();

        Assert.Equal(["a", "b"], _story.Joined(a).Members.Select(m => m.MemberId));
        Assert.Empty(_story.Joined(b).Members);
        var told = _story.Joined(b);
        Assert.Equal(("a", 1, "range"), (told.Leader, told.GenerationId, told.ProtocolName));
    }

    [Fact]
    public void A_first_member_that_leaves_while_others_are_waited_for_shuts_nobody_out()
    {
        _story.Stable("x");
        _story.Leave("x");
        _story.Join(newId: "a", version: 3);
        _story.Leave("a");
        var b = _story.Join(newId: "b", version: 3, protocol: "roundrobin");
        _story.Ring<JoinTimer>();
        _story.Ring<JoinTimer>();
        Assert.Equal(("b", "roundrobin"), (_story.Joined(b).Leader, _story.Joined(b).ProtocolName));
    }

    [Fact]
    public void The_wait_for_more_ends_with_the_rebalance_timeout()
    {
        _story.Join(newId: "m0", version: 3);
        var waited = TimeSpan.Zero;
        for (var i = 1; _story.Classic!.State == ClassicState.PreparingRebalance; i++)
        {
            _story.Join(newId: $"m{i}", version: 3);
            waited += _story.Timers[new JoinTimer(GroupStory.Group)];
            _story.Ring<JoinTimer>();
        }

        Assert.Equal(TimeSpan.FromMinutes(1), waited);
    }

    [Fact]
    public void Each_member_gets_the_share_that_the_leader_gave_it()
    {
        _story.Completing("a", "b");
        var b = _story.Sync("b");
        var a = _story.Sync("a", null, ("a", GroupStory.Share("a")), ("b", GroupStory.Share("b")));
        Assert.Equal("a", Text(_story.Synced(a).Assignment));
        Assert.Equal("b", Text(_story.Synced(b).Assignment));
        Assert.Equal("b", Text(_story.Synced(_story.Sync("b")).Assignment));
    }

    [Fact]
    public void Who_does_not_join_again_in_time_is_out()
    {
        _story.Stable("a", "b");
        var a = _story.Join("a");
        _story.Ring<JoinTimer>();
        Assert.Equal((ErrorCode.None, 2), (_story.Joined(a).ErrorCode, _story.Joined(a).GenerationId));
        Assert.Equal(["a"], _story.Joined(a).Members.Select(m => m.MemberId));
        Assert.Equal(ErrorCode.UnknownMemberId, _story.Beat("b"));
    }

    [Fact]
    public void Who_is_silent_for_its_session_timeout_is_out_and_the_others_hear_of_it()
    {
        _story.Stable("a", "b");
        _story.Ring<SessionTimer>(t => t.MemberId == "b");
        Assert.Equal(ErrorCode.RebalanceInProgress, _story.Beat("a"));
        var a = _story.Join("a");
        Assert.Equal(["a"], _story.Joined(a).Members.Select(m => m.MemberId));
    }

    [Fact]
    public void Who_does_not_ask_for_its_share_in_time_is_out()
    {
        _story.Completing("a", "b");
        _story.Sync("a", null, ("a", GroupStory.Share("a")));
        _story.Ring<SyncTimer>();
        Assert.Equal(ErrorCode.UnknownMemberId, _story.Beat("b"));
        Assert.Equal(ErrorCode.RebalanceInProgress, _story.Beat("a"));
    }

    [Fact]
    public void A_sync_that_waits_is_told_of_the_next_rebalance()
    {
        _story.Completing("a", "b");
        var b = _story.Sync("b");
        _story.Join("a", topic: "others");
        Assert.Equal(ErrorCode.RebalanceInProgress, _story.Synced(b).ErrorCode);
    }

    [Fact]
    public void An_id_that_was_given_out_and_never_used_ends_with_its_session()
    {
        _story.Stable("a");
        _story.Join(newId: "b");
        var a = _story.Join("a");
        Assert.DoesNotContain(a, _story.Answers);
        _story.Ring<SessionTimer>(t => t.MemberId == "b");
        Assert.Equal(2, _story.Joined(a).GenerationId);
    }

    [Fact]
    public void A_static_member_that_comes_back_gets_its_share_without_a_rebalance()
    {
        _story.Join(newId: "i-1", instance: "i");
        _story.Ring<JoinTimer>();
        _story.Sync("i-1", null, ("i-1", GroupStory.Share("i")));
        var again = _story.Join(newId: "i-2", instance: "i");
        var answer = _story.Joined(again);
        Assert.Equal(
            (ErrorCode.None, 1, "i-2", true),
            (answer.ErrorCode, answer.GenerationId, answer.Leader, answer.SkipAssignment));
        Assert.Equal("i", Text(_story.Synced(_story.Sync("i-2")).Assignment));
        Assert.Equal(ErrorCode.FencedInstanceId, _story.Classic!.Check("i-1", "i"));
        Assert.Equal("i-2", ((ClassicGroup)_story.Replayed.Find(GroupStory.Group)!.Membership!).StaticMembers["i"]);
    }

    [Fact]
    public void A_static_member_is_removed_by_its_name_alone()
    {
        _story.Join(newId: "i-1", instance: "i");
        _story.Ring<JoinTimer>();
        Assert.Equal(ErrorCode.None, _story.Leave("", "i"));
        Assert.Equal(ClassicState.Empty, _story.Classic!.State);
    }

    [Fact]
    public void A_group_takes_no_more_members_than_it_may()
    {
        _story.Config = _story.Config with { MaxSize = 2 };
        _story.Stable("a", "b");
        Assert.Equal(ErrorCode.GroupMaxSizeReached, _story.Joined(_story.Join(newId: "c")).ErrorCode);
        Assert.Equal(ClassicState.Stable, _story.Classic!.State);
    }

    [Fact]
    public void Heartbeats_and_joins_write_nothing()
    {
        _story.Stable("a", "b");
        var stored = _story.Stored.Count;
        _story.Beat("a");
        _story.Join("a");
        _story.Join("b");
        Assert.Equal(stored, _story.Stored.Count);
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => System.Text.Encoding.UTF8.GetString(bytes.Span);
}
