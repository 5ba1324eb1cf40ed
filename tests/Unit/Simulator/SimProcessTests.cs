using System.Net;
using Barnabas.Base;
using Barnabas.Sim;

namespace Barnabas.Tests.Unit.Simulator;

/// <summary>Processes that are paused, and whose clocks differ.</summary>
public sealed class SimProcessTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly World _world = new(1);
    private readonly SimProcess _process;
    private readonly Host _host;

    public SimProcessTests()
    {
        _process = _world.NewProcess(IPAddress.Parse("10.0.0.2"));
        _host = _process.NewHost(new SimDisk(1, _process));
    }

    [Fact]
    public void Nothing_of_a_paused_process_runs_and_all_that_was_due_comes_when_it_goes_on()
    {
        var (did, lane) = (new List<string>(), _host.Lanes.NewLane("work"));
        using var timer = _host.Time.CreateTimer(_ => did.Add("timer"), null, Second, Timeout.InfiniteTimeSpan);
        _process.Pause();
        lane.Post(() => did.Add("first"));
        lane.Post(() => did.Add("second"));
        var blocking = _host.Lanes.RunBlockingAsync(() => 1);
        _world.RunFor(5 * Second);
        Assert.Empty(did);
        Assert.False(blocking.IsCompleted);
        _process.GoOn();
        _world.RunFor(Second);
        Assert.Equal(["first", "second", "timer"], did.Order());
        Assert.Equal(["first", "second"], did.Where(static one => one != "timer"));
        Assert.True(blocking.IsCompleted);
    }

    [Fact]
    public void What_a_periodic_timer_missed_in_a_pause_comes_once()
    {
        var rings = 0;
        using var timer = _host.Time.CreateTimer(_ => rings++, null, Second, Second);
        _process.Pause();
        _world.RunFor(10 * Second);
        _process.GoOn();
        _world.RunFor(Second / 2);
        Assert.Equal(1, rings);
        _world.RunFor(3 * Second);
        Assert.Equal(4, rings);
    }

    [Fact]
    public void A_paused_process_keeps_its_connections_and_its_kernel_takes_what_comes() => _world.Run(async () =>
    {
        await using var listener = _host.Network.Listen(new IPEndPoint(IPAddress.Any, 9092));
        var took = _host.Lanes.NewLane("server").RunAsync(async () =>
        {
            var bytes = new byte[1];
            await using var there = await listener.AcceptAsync();
            return await there!.ReceiveAsync(bytes) == 1 ? bytes[0] : 0;
        });
        _process.Pause();
        await using var here = await _world.Network.DialAsync(
            $"{_process.Address}", 9092, TestContext.Current.CancellationToken);
        await here.SendAsync([new byte[] { 7 }]);
        await Task.Delay(10 * Second, _world);
        Assert.False(took.IsCompleted);
        _process.GoOn();
        Assert.Equal(7, await took);
    });

    [Fact]
    public void What_was_killed_in_a_pause_never_goes_on()
    {
        var did = false;
        _process.Pause();
        _host.Lanes.NewLane("work").Post(() => did = true);
        _world.RunFor(Second);
        _process.Kill();
        _process.GoOn();
        _world.RunFor(Second);
        Assert.False(did);
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(100_000, 110)]
    [InlineData(-100_000, 90)]
    public void A_clock_that_drifts_counts_other_seconds(int ppm, int counted)
    {
        var (rings, begun) = (0, _host.Time.GetTimestamp());
        _process.Clock.DriftPpm = ppm;
        using var timer = _host.Time.CreateTimer(_ => rings++, null, Second, Second);
        var wall = _host.Time.GetUtcNow();
        _world.RunFor(100 * Second);
        Assert.Equal(counted * Second, _host.Time.GetElapsedTime(begun));
        Assert.Equal(counted * Second, _host.Time.GetUtcNow() - wall);
        // A timer rings a moment late rather than early: the last may be yet to come.
        Assert.InRange(rings, counted - 1, counted);
    }

    [Fact]
    public void A_timer_never_rings_before_its_time_by_the_clock_of_its_process()
    {
        _process.Clock.DriftPpm = 333_333;
        var due = _host.Time.GetTimestamp() + Second.Ticks;
        var rang = 0L;
        using var timer = _host.Time.CreateTimer(
            _ => rang = _host.Time.GetTimestamp(), null, Second, Timeout.InfiniteTimeSpan);
        _world.RunFor(Second);
        Assert.InRange(rang, due, due + 2);
    }

    [Fact]
    public void A_wall_clock_that_is_set_moves_no_timer_and_no_timestamp()
    {
        var (before, wall) = (_host.Time.GetTimestamp(), _host.Time.GetUtcNow());
        var rings = 0;
        using var timer = _host.Time.CreateTimer(_ => rings++, null, Second, Timeout.InfiniteTimeSpan);
        _process.Clock.Set(-TimeSpan.FromDays(1));
        _world.RunFor(Second / 2);
        Assert.Equal(0, rings);
        _world.RunFor(Second);
        Assert.Equal(1, rings);
        Assert.Equal(1.5 * Second, _host.Time.GetElapsedTime(before));
        Assert.Equal(wall.AddDays(-1) + (1.5 * Second), _host.Time.GetUtcNow());
        Assert.Equal(wall + (1.5 * Second), _world.GetUtcNow());
    }
}
