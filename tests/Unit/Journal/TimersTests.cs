using Barnabas.Journal;
using Barnabas.Sim;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Journal;

public sealed class TimersTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>The shortest time that a timer of the host takes.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    private readonly World _world = new(seed: 1);
    private readonly List<(string Name, double At)> _rung = [];
    private readonly Timers _timers;

    public TimersTests() => _timers = new(
        _world.NewHost(new SimDisk(0)), _world.NewLane("timers"),
        key => _rung.Add((((Named)key).Name, _world.Age.TotalSeconds)));

    [Fact]
    public void They_ring_in_the_order_of_their_times_and_once()
    {
        Set("c", 3);
        Set("a", 1);
        Set("b", 2);
        _world.RunFor(Second * 10);
        Assert.Equal([("a", 1), ("b", 2), ("c", 3)], _rung);
        Assert.Equal(0, _timers.Count);
    }

    [Fact]
    public void One_set_to_a_later_time_rings_then()
    {
        Set("a", 1);
        _world.RunFor(Second / 2);
        Set("a", 4);
        _world.RunFor(Second * 10);
        Assert.Equal([("a", 4.5)], _rung);
    }

    [Fact]
    public void One_set_to_an_earlier_time_rings_then_and_not_again()
    {
        Set("a", 5);
        Set("a", 1);
        _world.RunFor(Second * 10);
        Assert.Equal([("a", 1)], _rung);
    }

    [Fact]
    public void One_that_is_started_again_keeps_its_time_until_it_rang_or_was_stopped()
    {
        Start("a", 2);
        Start("a", 1);
        Start("a", 5);
        _world.RunFor(Second * 3);
        Start("a", 1);
        _world.RunFor(Second * 2);
        Start("a", 1);
        _timers.Stop(new Named("a"));
        Start("a", 3);
        _world.RunFor(Second * 10);
        Assert.Equal([("a", 2), ("a", 4), ("a", 8)], _rung);
    }

    [Fact]
    public void One_that_is_stopped_does_not_ring_until_it_is_set_again()
    {
        Set("a", 1);
        _timers.Stop(new Named("a"));
        _world.RunFor(Second * 2);
        Assert.Empty(_rung);

        Set("a", 5);
        _timers.Stop(new Named("a"));
        Set("a", 3);
        _world.RunFor(Second * 10);
        Assert.Equal([("a", 5)], _rung);
    }

    [Fact]
    public void One_set_while_it_rings_is_a_new_one()
    {
        var rung = 0;
        Timers? timers = null;
        timers = new(_world.NewHost(new SimDisk(0)), _world.NewLane("timers"), key =>
        {
            if (++rung < 3)
                timers!.Set(key, Second);
        });
        timers.Set(new Named("a"), Second);
        _world.RunFor(Second * 10);
        Assert.Equal((3, 0), (rung, timers.Count));
    }

    [Fact]
    public void A_time_that_is_over_rings_at_once_and_never_within_the_call()
    {
        Set("a", 0);
        Assert.Empty(_rung);
        _world.RunFor(TimeSpan.FromMilliseconds(1));
        Assert.Equal("a", Assert.Single(_rung).Name);
    }

    [Fact]
    public void Cleared_ones_do_not_ring_and_others_may_be_set_later()
    {
        Set("a", 1);
        Set("b", 2);
        _timers.Clear();
        _world.RunFor(Second * 5);
        Assert.Empty(_rung);
        Set("c", 1);
        _world.RunFor(Second * 5);
        Assert.Equal([("c", 6)], _rung);
    }

    [Fact]
    public void Whatever_is_set_and_stopped_each_rings_when_it_was_set_to_last() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 1 << 16)).ToArbitrary(), Live).QuickCheckThrowOnFailure();

    private static void Live(int[] steps)
    {
        var world = new World(seed: 3);
        var due = new SortedDictionary<string, TimeSpan>(StringComparer.Ordinal);
        var timers = new Timers(world.NewHost(new SimDisk(0)), world.NewLane("timers"), key =>
        {
            var name = ((Named)key).Name;
            Assert.True(due.Remove(name, out var at), $"{name} is not set");
            Assert.InRange(world.Age, at, at + Shortest);
        });
        foreach (var step in steps)
        {
            var name = $"{step % 5}";
            var after = TimeSpan.FromMilliseconds((step >> 5) % 200);
            switch ((step >> 3) % 4)
            {
                case 0:
                    timers.Stop(new Named(name));
                    due.Remove(name);
                    break;
                case 1:
                    world.RunFor(after);
                    break;
                default:
                    timers.Set(new Named(name), after);
                    due[name] = world.Age + after;
                    break;
            }

            Assert.Equal(due.Count, timers.Count);
            Assert.All(due, d => Assert.True(d.Value + Shortest >= world.Age, $"{d.Key} should have rung"));
        }

        world.RunFor(Second);
        Assert.Empty(due);
    }

    private void Set(string name, double seconds) => _timers.Set(new Named(name), TimeSpan.FromSeconds(seconds));

    private void Start(string name, double seconds) => _timers.Start(new Named(name), TimeSpan.FromSeconds(seconds));

    private sealed record Named(string Name) : TimerKey;
}
