namespace Barnabas.Sim;

/// <summary>The clock of a process: it goes with the world's unless it is set, or made faster or slower.</summary>
public sealed class SimClock
{
    private const long Million = 1_000_000;
    private readonly World _world;
    private long _since;
    private long _timestamp;
    private TimeSpan _offset;

    internal SimClock(World world)
    {
        _world = world;
        (_since, _timestamp) = (world.GetTimestamp(), world.GetTimestamp());
    }

    /// <summary>How much faster than the world's it goes, in millionths; below 0 where it is slower. Timers go by
    /// it, too.</summary>
    public int DriftPpm
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, -(int)Million / 2);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, (int)Million);
            (_timestamp, _since) = (Timestamp, _world.GetTimestamp());
            field = value;
        }
    }

    /// <summary>The monotonic clock, which no setting of the other one moves.</summary>
    internal long Timestamp
    {
        get
        {
            var passed = _world.GetTimestamp() - _since;
            return _timestamp + passed + (long)((Int128)passed * DriftPpm / Million);
        }
    }

    /// <summary>The wall clock.</summary>
    internal DateTimeOffset UtcNow => World.Start.AddTicks(Timestamp) + _offset;

    /// <summary>Sets the wall clock forward, or back where <paramref name="by"/> is negative.</summary>
    public void Set(TimeSpan by) => _offset += by;

    /// <summary>How long the world takes until so much time has passed here, and no less.</summary>
    internal TimeSpan ToWorld(TimeSpan time)
    {
        if (DriftPpm == 0)
            return time;
        var rate = Million + DriftPpm;
        return TimeSpan.FromTicks((long)((((Int128)time.Ticks * Million) + rate - 1) / rate));
    }
}
