using System.Net;
using Barnabas.Base;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Barnabas.Sim;

/// <summary>A machine that is simulated: one thread, one clock, one source of chance. Equal seeds give equal
/// histories.</summary>
/// <remarks>
/// Lanes, timers, connections and blocking work all put their steps on one agenda. Steps that are due at the
/// same time run in an order that the seed chooses, so every interleaving has a seed that finds it. Time
/// stands still while a step runs, and jumps to the next that is due.
/// </remarks>
public sealed class World : TimeProvider, ILaneFactory
{
    /// <summary>The longest that blocking work takes where nothing is slow.</summary>
    internal static readonly TimeSpan LongestWork = TimeSpan.FromMilliseconds(1);

    internal static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly PriorityQueue<Step, (long At, long Order)> _agenda = new();
    private readonly SimRandom _random;
    private long _now;
    private long _order;
    private int _lanes;

    /// <summary>A world that is at its beginning.</summary>
    public World(int seed)
    {
        Seed = seed;
        _random = new SimRandom((ulong)seed);
        Random = new SimRandom((ulong)seed ^ 0x5851f42d4c957f2d);
        Network = new SimNetwork(this);
    }

    /// <summary>What the history follows from.</summary>
    public int Seed { get; }

    /// <summary>A digest of every step so far: two runs agree on it exactly when they took the same
    /// steps.</summary>
    public ulong Trace { get; private set; } = 14695981039346656037;

    /// <summary>The steps taken.</summary>
    public long Steps { get; private set; }

    /// <summary>Chance for what runs in the world. The world draws its own from another source.</summary>
    public RandomSource Random { get; }

    /// <summary>The network that joins all that runs in the world.</summary>
    public SimNetwork Network { get; }

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How long the world has existed.</summary>
    public TimeSpan Age => TimeSpan.FromTicks(_now);

    /// <summary>Called after every step, on no lane: where invariants are looked at. Null for nobody.</summary>
    public Action? AfterStep { get; set; }

    /// <summary>A process of its own, which can be killed.</summary>
    /// <param name="address">The address of its machine; null for 127.0.0.1.</param>
    public SimProcess NewProcess(IPAddress? address = null) => new(this, address ?? IPAddress.Loopback);

    /// <summary>The world as a host, with the given disk.</summary>
    public Host NewHost(IDisk disk, ILoggerFactory? log = null) =>
        new(this, Random, Network, disk, this, log ?? NullLoggerFactory.Instance);

    /// <inheritdoc/>
    public override long GetTimestamp() => _now;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => Start.AddTicks(_now);

    /// <inheritdoc/>
    public override ITimer CreateTimer(
        TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimTimer(this, null, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <inheritdoc/>
    public Lane NewLane(string name) => NewLane(name, null);

    /// <inheritdoc/>
    /// <remarks>The work itself takes no time; when it is done is up to chance, within a
    /// millisecond.</remarks>
    public Task<T> RunBlockingAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>();
        Schedule(Delay(LongestWork), null, _ => Complete(work, done), null);
        return done.Task;
    }

    /// <summary>Runs <paramref name="story"/> on a lane of its own, and all else, until it has
    /// ended.</summary>
    /// <exception cref="InvalidOperationException">Nothing is left to do and the story still waits, or it
    /// lasts more than <paramref name="limit"/> of the world's time.</exception>
    public T Run<T>(Func<Task<T>> story, TimeSpan? limit = null)
    {
        var end = _now + (limit ?? TimeSpan.FromDays(1)).Ticks;
        var told = NewLane("story").RunAsync(story);
        while (!told.IsCompleted)
        {
            if (!TakeStep(end))
            {
                throw new InvalidOperationException(
                    $"seed {Seed}: the story waits for what never comes, at {Age}");
            }
        }

        return told.GetAwaiter().GetResult();
    }

    /// <summary>As the other, for a story that ends without a result.</summary>
    public void Run(Func<Task> story, TimeSpan? limit = null) => Run(
        async () =>
        {
            await story();
            return true;
        },
        limit);

    /// <summary>Lets the world go on for a while; returns the steps taken.</summary>
    public long RunFor(TimeSpan time)
    {
        var (end, before) = (_now + time.Ticks, Steps);
        while (TakeStep(end))
        {
        }

        _now = end;
        return Steps - before;
    }

    /// <summary>A lane that ends with <paramref name="owner"/>; with the world where that is null.</summary>
    internal Lane NewLane(string name, SimProcess? owner) => new SimLane(this, name, ++_lanes, owner);

    /// <summary>A delay that chance draws, up to <paramref name="most"/>.</summary>
    internal TimeSpan Delay(TimeSpan most) => TimeSpan.FromTicks(_random.Next(checked((int)most.Ticks + 1)));

    /// <summary>A number that chance draws, below <paramref name="below"/>.</summary>
    internal int Draw(int below) => _random.Next(below);

    /// <summary>Puts a step on the agenda.</summary>
    internal void Schedule(TimeSpan after, SimLane? lane, SendOrPostCallback callback, object? state) =>
        _agenda.Enqueue(
            new Step(lane, callback, state), (_now + after.Ticks, ((long)Draw(4) << 48) + _order++));

    /// <summary>Does the work and says how it ended.</summary>
    internal static void Complete<T>(Func<T> work, TaskCompletionSource<T> done)
    {
        try
        {
            done.SetResult(work());
        }
        catch (Exception fault)
        {
            done.SetException(fault);
        }
    }

    private bool TakeStep(long end)
    {
        if (!_agenda.TryPeek(out var step, out var due) || due.At > end)
            return false;
        _agenda.Dequeue();
        _now = Math.Max(_now, due.At);
        Trace = (((Trace ^ (ulong)_now) * 1099511628211) ^ (ulong)(step.Lane?.Number ?? 0)) * 1099511628211;
        Steps++;
        var previous = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(step.Lane);
        step.Callback(step.State);
        SynchronizationContext.SetSynchronizationContext(previous);
        AfterStep?.Invoke();
        return true;
    }

    private readonly record struct Step(SimLane? Lane, SendOrPostCallback Callback, object? State);
}
