using Barnabas.Base;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Barnabas.Sim;

/// <summary>A process of the simulated machine: it can be killed, and then nothing of it ever runs again, while the
/// world and all others go on.</summary>
/// <remarks>Its lanes, timers and blocking work are its own. Its connections are reset when it dies and its addresses
/// are free again, as the kernel sees to it.</remarks>
public sealed class SimProcess : TimeProvider, ILaneFactory
{
    private static readonly TimeSpan Stall = TimeSpan.FromMilliseconds(50);
    private readonly World _world;
    private readonly ProcessNetwork _network;

    internal SimProcess(World world)
    {
        _world = world;
        _network = new(world.Network);
    }

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
        IsDead = true;
        _network.Reset();
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => _world.GetTimestamp();

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _world.GetUtcNow();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _world.CreateTimer(s => IfAlive(() => callback(s)), state, dueTime, period);

    /// <inheritdoc/>
    public Lane NewLane(string name) => _world.NewLane(name, this);

    /// <inheritdoc/>
    public Task<T> RunBlockingAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>();
        Begin(work, done, _world.Delay(LongestWork));
        return done.Task;
    }

    private void Begin<T>(Func<T> work, TaskCompletionSource<T> done, TimeSpan after) =>
        _world.Schedule(after, null, _ => IfAlive(() => End(work, done)), null);

    private void End<T>(Func<T> work, TaskCompletionSource<T> done)
    {
        if (IsStuck)
            Begin(work, done, Stall);
        else
            World.Complete(work, done);
    }

    private void IfAlive(Action act)
    {
        if (!IsDead)
            act();
    }
}
