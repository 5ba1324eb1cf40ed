using Barnabas.Base;
using Barnabas.Journal;
using Barnabas.Sim;

namespace Barnabas.Tests.Unit.Journal;

public sealed class MachineTests
{
    private readonly World _world = new(seed: 1);
    private readonly MemoryJournal _journal = new();
    private readonly List<Effect> _effects = [];
    private readonly Machine<Words, string> _machine;
    private readonly Lane _lane;

    public MachineTests()
    {
        _lane = _world.NewLane("machine");
        _machine = new(_lane, _journal, _effects.Add);
    }

    [Fact]
    public void A_command_is_answered_once_its_records_are_committed() => Run(async () =>
    {
        var answer = Say("a");
        await Settled();
        Assert.False(answer.IsCompleted);

        await Commit();
        Assert.Equal("a", await answer);
        Assert.Equal("a", _machine.Committed.Text);
    });

    [Fact]
    public void Queries_see_what_is_committed_and_commands_what_is_appended() => Run(async () =>
    {
        var first = Say("a");
        var second = Say("b");
        await Settled();
        Assert.Equal("", _machine.Committed.Text);

        await Commit(appends: 1);
        Assert.Equal("a", _machine.Committed.Text);
        Assert.True(first.IsCompleted);
        Assert.False(second.IsCompleted);

        await Commit();
        Assert.Equal("ab", await second);
    });

    [Fact]
    public void An_answer_without_records_waits_for_the_records_it_rests_on() => Run(async () =>
    {
        var told = Say("a");
        var asked = _machine.CommandAsync<string>(state => state.Text, Lost);
        await Settled();
        Assert.False(asked.IsCompleted);

        await Commit();
        Assert.Equal("a", await asked);
        Assert.Equal("a", await told);
    });

    [Fact]
    public void An_answer_without_records_comes_at_once_when_all_is_committed() => Run(async () =>
        Assert.Equal("", await _machine.CommandAsync<string>(state => state.Text, Lost)));

    [Fact]
    public void Commands_of_a_lost_epoch_get_the_lost_answer_and_leave_no_trace() => Run(async () =>
    {
        var answer = Say("a", new Ring());
        await Settled();
        await On(() => _journal.Lose("x"));
        Assert.Equal("lost", await answer);
        Assert.Equal("x", _machine.Committed.Text);
        Assert.Equal("lost", await Say("b"));
        Assert.Empty(_effects);

        await On(_journal.Lead);
        var next = Say("c");
        await Commit();
        Assert.Equal("xc", await next);
    });

    [Fact]
    public void A_failed_append_ends_the_leadership_and_what_waited_is_lost() => Run(async () =>
    {
        var before = Say("a");
        await Settled();
        _journal.Fails = true;
        Assert.Equal("lost", await Say("b"));
        Assert.Equal("lost", await before);
        Assert.Equal("", _machine.Committed.Text);
    });

    [Fact]
    public void An_observer_gets_what_stands_and_then_the_state_before_and_after_each_commit() => Run(async () =>
    {
        var first = Say("a");
        await Commit();
        var seen = new List<(string, string)>();
        _machine.Observe((before, after) => seen.Add((before.Text, after.Text)));
        Task[] more = [Say("b"), Say("c"), first];
        await Commit();
        await Task.WhenAll(more);
        var last = Say("d");
        await Commit();
        await last;
        Assert.Equal([("", "a"), ("a", "abc"), ("abc", "abcd")], seen);
    });

    [Fact]
    public void Effects_are_performed_after_the_commit() => Run(async () =>
    {
        var answer = Say("a", new Ring());
        await Settled();
        Assert.Empty(_effects);
        await Commit();
        await answer;
        Assert.Equal([new Ring()], _effects);
    });

    [Fact]
    public void The_held_state_names_the_offset_and_epoch_it_stands_at() => Run(async () =>
    {
        var answers = new[] { Say("a"), Say("b") };
        await Commit();
        await Task.WhenAll(answers);
        Assert.Equal(new Held<Words>(new Words("ab"), 1, 1, 0), _machine.Held);
    });

    [Fact]
    public void A_machine_that_starts_again_remembers_the_same() => Run(async () =>
    {
        var answers = new[] { Say("a"), Say("b") };
        await Commit();
        await Task.WhenAll(answers);
        var again = new Machine<Words, string>(_lane, _journal);
        await again.StartAsync();
        Assert.Equal(_machine.Held, again.Held);
    });

    [Fact]
    public void Whatever_happens_the_committed_state_is_the_committed_records_replayed()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var world = new World(seed);
            var journal = new MemoryJournal();
            var lane = world.NewLane("machine");
            var machine = new Machine<Words, string>(lane, journal);
            var answered = new List<Task<string>>();
            world.Run(async () =>
            {
                await machine.StartAsync();
                for (var i = 0; i < 60; i++)
                {
                    var word = $"{i}.";
                    var step = world.Random.Next(8);
                    if (step < 4)
                        answered.Add(machine.CommandAsync(Saying(word), Lost));
                    else if (step < 6)
                        lane.Post(() => journal.Commit(world.Random.Next(3)));
                    else if (step == 6)
                        lane.Post(() => journal.Lose($"o{word}"));
                    else
                        lane.Post(journal.Lead);
                    if (world.Random.Next(3) == 0)
                        await Task.Delay(TimeSpan.FromMilliseconds(1), world, TestContext.Current.CancellationToken);
                }

                lane.Post(() => journal.Lose());
                await Task.WhenAll(answered);
            });

            Assert.Equal(string.Concat(journal.Committed), machine.Committed.Text);
            foreach (var answer in answered.Select(task => task.Result).Where(answer => answer != "lost"))
                Assert.StartsWith(answer, machine.Committed.Text, StringComparison.Ordinal);
        }
    }

    private static string Lost() => "lost";

    private static Func<Words, Decision<string, string>> Saying(string word, params Effect[] effects) =>
        state => new(state.Text + word, [word], effects);

    private void Run(Func<Task> story) => _world.Run(async () =>
    {
        await _machine.StartAsync();
        await story();
    });

    private Task<string> Say(string word, params Effect[] effects) =>
        _machine.CommandAsync(Saying(word, effects), Lost);

    private Task Settled() => Task.Delay(TimeSpan.FromMilliseconds(5), _world);

    private async Task Commit(int appends = int.MaxValue)
    {
        await Settled();
        await On(() => _journal.Commit(appends));
    }

    private async Task On(Action work)
    {
        await _lane.RunAsync(() =>
        {
            work();
            return true;
        });
        await Settled();
    }

    private sealed record Ring : Effect;
}
