namespace Barnabas.Sim;

/// <summary>A timer on the simulated clock. As in the real one, its callback runs on no lane.</summary>
/// <remarks>That of a process ends with it, waits while it is paused, and goes by its clock. What was due several times
/// during a pause comes once.</remarks>
internal sealed class SimTimer(World world, SimProcess? owner, TimerCallback callback, object? state) : ITimer
{
    // As the real one has it.
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1);
    private TimeSpan _period;
    private int _generation;

    /// <inheritdoc/>
    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dueTime, Longest);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(period, Longest);
        _period = period;
        Arm(dueTime);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _generation++;

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    private void Arm(TimeSpan dueTime)
    {
        var generation = ++_generation;
        if (dueTime != Timeout.InfiniteTimeSpan)
            world.Schedule(owner?.Clock.ToWorld(dueTime) ?? dueTime, null, _ => Fire(generation), null);
    }

    private void Fire(int generation)
    {
        if (generation != _generation || owner is { IsDead: true })
            return;
        if (owner is { IsPaused: true })
        {
            owner.Hold(null, _ => Fire(generation), null);
            return;
        }

        if (_period != Timeout.InfiniteTimeSpan && _period > TimeSpan.Zero)
            Arm(_period);
        callback(state);
    }
}
