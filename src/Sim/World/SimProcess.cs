using System.Net;
using Barnabas.Base;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Barnabas.Sim;

/// <summary>A process of the simulated machine: it can be killed, and then nothing of it ever runs again, while the
/// world and all others go on.</summary>
/// <remarks>Its lanes, timers, blocking work and clock are its own. Its connections are reset when it dies and its
/// addresses are free again, as the kernel sees to it; while it is paused the kernel goes on for it, so that dials and
/// bytes are taken.</remarks>
public sealed class SimProcess : TimeProvider, ILaneFactory
{
    private static readonly TimeSpan Stall = TimeSpan.FromMilliseconds(50);
    private readonly World _world;
    private readonly ProcessNetwork _network;
    private readonly Queue<(SimLane? Lane, SendOrPostCallback Callback, object? State)> _held = new();

    internal SimProcess(World world, IPAddress address)
    {
        (_world, Address, Clock) = (world, address, new SimClock(world));
        _network = new(world.Network, address);
    }

    /// <summary>The address of its machine.</summary>
    public IPAddress Address { get; }

    /// <summary>Its clock.</summary>
    public SimClock Clock { get; }

    /// <summary>True while nothing of it runs.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>True once it was killed.</summary>
    public bool IsDead { get; private set; }

    /// <summary>The longest that blocking work takes: raised, it makes the disk slow.</summary>
    public TimeSpan LongestWork { get; set; } = World.LongestWork;

    /// <summary>While true blocking work does not come to its end: the disk is stuck.</summary>
    public bool IsStuck { get; set; }

    /// <inheritdoc/>
    public override long TimestampFrequency => _world.TimestampFrequency;

    /// <summary>The process as a host, with the given disk.</summary>
    public Host NewHost(IDisk disk, ILoggerFactory? log = null) =>
        new(this, _world.Random, _network, disk, this, log ?? NullLoggerFactory.Instance);

    /// <summary>Ends the process in the middle of whatever it does (kill -9).</summary>
    public void Kill()
    {
        (IsDead, IsPaused) = (true, false);
        _held.Clear();
        _network.Reset();
    }

    /// <summary>Stops it where it is (SIGSTOP): nothing of it runs until it goes on.</summary>
    public void Pause() => IsPaused = !IsDead;

    /// <summary>Goes on after a pause, first of all with what would have come meanwhile.</summary>
    public void GoOn()
    {
        IsPaused = false;
        while (_held.TryDequeue(out var held))
            _world.Schedule(TimeSpan.Zero, held.Lane, held.Callback, held.State);
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => Clock.Timestamp;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => Clock.UtcNow;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimTimer(_world, this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <inheritdoc/>
    public Lane NewLane(string name) => _world.NewLane(name, this);

    /// <inheritdoc/>
    public Task<T> RunBlockingAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>();
        Begin(work, done, _world.Delay(LongestWork));
        return done.Task;
    }

    /// <summary>Keeps a step that was due during a pause until it is over.</summary>
    internal void Hold(SimLane? lane, SendOrPostCallback callback, object? state) =>
        _held.Enqueue((lane, callback, state));

    private void Begin<T>(Func<T> work, TaskCompletionSource<T> done, TimeSpan after) =>
        _world.Schedule(after, null, _ => End(work, done), null);

    private void End<T>(Func<T> work, TaskCompletionSource<T> done)
    {
        if (IsPaused)
            Hold(null, _ => End(work, done), null);
        else if (IsStuck && !IsDead)
            Begin(work, done, Stall);
        else if (!IsDead)
            World.Complete(work, done);
    }
}
