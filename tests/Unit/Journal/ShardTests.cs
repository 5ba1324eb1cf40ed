using Barnabas.Base;
using Barnabas.Journal;

namespace Barnabas.Tests.Unit.Journal;

/// <summary>A shard of a coordinator, through a host of one.</summary>
public sealed class ShardTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(5);
    private readonly ShardStory _story = new();

    [Fact]
    public void It_refuses_while_it_loads_and_decides_on_what_was_loaded() => _story.Tell(async () =>
    {
        var journal = _story.Prepare(loadsByHand: true, "a", "b");
        _story.Host.Lead(0, epoch: 1);
        await _story.SettleAsync();
        Assert.Equal(ErrorCode.CoordinatorLoadInProgress, _story.Host.Check(0));
        Assert.Equal("CoordinatorLoadInProgress", await _story.SayAsync("x"));
        Assert.Equal("CoordinatorLoadInProgress", await _story.ParkAsync());

        await _story.OnLaneAsync(journal.EndLoad);
        Assert.Equal(ErrorCode.None, _story.Host.Check(0));
        var said = _story.SayAsync("c");
        await _story.CommitAsync(journal);
        Assert.Equal("abc", await said);
        Assert.Equal(["loaded ab"], _story.Events);
    });

    [Fact]
    public void What_cannot_wait_for_another_time_is_decided_once_it_is_loaded() => _story.Tell(async () =>
    {
        var journal = _story.Prepare(loadsByHand: true, "a");
        _story.Host.Lead(0, epoch: 1);
        await _story.SettleAsync();
        _story.Host.Find(0)!.CommandOnceLoaded(static state => new(0, [$"{state.Text}!"]));
        await _story.OnLaneAsync(journal.EndLoad);
        await _story.CommitAsync(journal);
        Assert.Equal("aa!", _story.Host.Find(0)!.Committed.Text);

        _story.Host.Find(0)!.CommandOnceLoaded(static _ => new(0, ["b"]));
        await _story.CommitAsync(journal);
        Assert.Equal("aa!b", _story.Host.Find(0)!.Committed.Text);
    });

    [Fact]
    public void A_load_that_is_cut_short_is_lost_and_begun_anew_from_nothing() => _story.Tell(async () =>
    {
        var broken = _story.Prepare(loadsByHand: true, "a", "b");
        var whole = _story.Prepare(loadsByHand: false, "a", "b");
        _story.Host.Lead(0, epoch: 1);
        await _story.SettleAsync();
        await _story.OnLaneAsync(broken.CutLoadShort);
        Assert.Equal(ErrorCode.NotCoordinator, _story.Host.Check(0));
        Assert.Equal("NotCoordinator", await _story.SayAsync("x"));

        await Task.Delay(TimeSpan.FromSeconds(1) + Moment, _story.World);
        Assert.Equal(ErrorCode.None, _story.Host.Check(0));
        Assert.True(whole.IsFollowed);
        Assert.Equal("ab", _story.Host.Find(0)!.Committed.Text);
        Assert.Equal(["loaded ab"], _story.Events);
    });

    [Fact]
    public void Who_waits_too_long_for_a_commit_is_let_go_and_the_commit_counts() => _story.Tell(async () =>
    {
        var journal = await _story.LeadAsync();
        var first = _story.SayAsync("a", new SetTimer(new Bell("after a"), TimeSpan.FromHours(1)));
        var parked = _story.ParkAsync(answer: "parked");
        await Task.Delay(ShardStory.Patience / 2, _story.World);
        var second = _story.SayAsync("b");
        await Task.Delay(ShardStory.Patience / 2 - Moment, _story.World);
        Assert.False(first.IsCompleted || parked.IsCompleted);

        await Task.Delay(2 * Moment, _story.World);
        Assert.Equal("CoordinatorNotAvailable", await first);
        Assert.Equal("CoordinatorNotAvailable", await parked);
        Assert.False(second.IsCompleted);
        Assert.Equal(ErrorCode.None, _story.Host.Check(0));

        await Task.Delay(ShardStory.Patience / 2, _story.World);
        Assert.Equal("CoordinatorNotAvailable", await second);
        await _story.CommitAsync(journal);
        Assert.Equal("ab", _story.Host.Find(0)!.Committed.Text);
        Assert.Equal("ab", await _story.AskAsync());
        await Task.Delay(TimeSpan.FromHours(1), _story.World);
        Assert.Contains("rang after a", _story.Events);
    });

    [Fact]
    public void Answers_come_in_the_order_of_their_commands_and_after_their_commit() => _story.Tell(async () =>
    {
        var journal = await _story.LeadAsync();
        var answers = new List<string>();
        Note(_story.SayAsync("a"));
        Note(_story.AskAsync());
        Note(_story.SayAsync("b"));
        Note(_story.AskAsync());
        await _story.SettleAsync();
        Assert.Empty(answers);
        await _story.CommitAsync(journal, appends: 1);
        Assert.Equal(["a", "a"], answers);
        await _story.CommitAsync(journal);
        Assert.Equal(["a", "a", "ab", "ab"], answers);

        async void Note(Task<string> answer) => answers.Add(await answer);
    });

    [Fact]
    public void Who_waits_is_answered_by_a_later_decision_once_that_is_committed() => _story.Tell(async () =>
    {
        var journal = await _story.LeadAsync();
        var waiting = _story.ParkAsync(ticket => _story.Waiting = ticket);
        await _story.SettleAsync();
        Assert.False(waiting.IsCompleted);
        var said = _story.SayAsync("a", new Reply(_story.Waiting, "for you"));
        await _story.SettleAsync();
        Assert.False(waiting.IsCompleted);
        await _story.CommitAsync(journal);
        Assert.Equal(("for you", "a"), (await waiting, await said));
    });

    [Fact]
    public void A_ticket_is_answered_once() => _story.Tell(async () =>
    {
        var journal = await _story.LeadAsync();
        var waiting = _story.ParkAsync(ticket => _story.Waiting = ticket);
        await _story.SettleAsync();
        Task[] said =
        [
            _story.SayAsync("a", new Reply(_story.Waiting, "first")),
            _story.SayAsync("b", new Reply(_story.Waiting, "second")),
        ];
        await _story.CommitAsync(journal);
        await Task.WhenAll(said);
        Assert.Equal("first", await waiting);
    });

    [Fact]
    public void A_decision_may_answer_at_once() => _story.Tell(async () =>
    {
        await _story.LeadAsync();
        Assert.Equal("at once", await _story.ParkAsync(answer: "at once"));
    });

    [Fact]
    public void Its_loss_is_told_to_all_who_wait_and_undoes_what_was_not_committed() => _story.Tell(async () =>
    {
        var journal = await _story.LeadAsync();
        var kept = _story.SayAsync("a");
        await _story.CommitAsync(journal);
        var parked = _story.ParkAsync(ticket => _story.Waiting = ticket);
        var said = _story.SayAsync("b", new Reply(_story.Waiting, "never"));
        await _story.SettleAsync();
        await _story.OnLaneAsync(journal.Refuse);
        Assert.Equal(("a", "NotCoordinator", "NotCoordinator"), (await kept, await parked, await said));
        Assert.Equal("a", _story.Host.Find(0)!.Committed.Text);
        Assert.Equal(ErrorCode.NotCoordinator, _story.Host.Check(0));
    });

    [Fact]
    public void An_append_that_fails_is_a_loss() => _story.Tell(async () =>
    {
        var journal = await _story.LeadAsync();
        journal.Fails = true;
        Assert.Equal("NotCoordinator", await _story.SayAsync("a"));
        await _story.SettleAsync();
        Assert.Equal(ErrorCode.NotCoordinator, _story.Host.Check(0));

        _story.Prepare(loadsByHand: false, "x");
        await Task.Delay(TimeSpan.FromSeconds(1) + Moment, _story.World);
        Assert.Equal("x", await _story.AskAsync());
    });

    [Fact]
    public void Timers_are_set_with_the_commit_and_ring_as_long_as_it_leads() => _story.Tell(async () =>
    {
        var journal = await _story.LeadAsync();
        var said = _story.SayAsync("a", new SetTimer(new Bell("one"), TimeSpan.FromSeconds(1)));
        await Task.Delay(TimeSpan.FromSeconds(2), _story.World);
        Assert.DoesNotContain("rang one", _story.Events);
        await _story.CommitAsync(journal);
        await said;
        await Task.Delay(TimeSpan.FromSeconds(2), _story.World);
        Assert.Equal("rang one", _story.Events[^1]);

        var other = _story.SayAsync("b", new SetTimer(new Bell("two"), TimeSpan.FromSeconds(1)));
        await _story.CommitAsync(journal);
        await other;
        _story.Host.Resign(0);
        await Task.Delay(TimeSpan.FromSeconds(2), _story.World);
        Assert.Equal("rang one", _story.Events[^1]);
    });

    private sealed record Bell(string Name) : TimerKey
    {
        public override string ToString() => Name;
    }
}
