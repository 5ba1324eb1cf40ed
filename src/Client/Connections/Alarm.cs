using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>Calls for work on a lane when time has come. Owned by that lane.</summary>
/// <remarks>Where it is set to ring earlier than need be, it is left as it is: to set a timer for each batch costs more
/// than to look once in vain.</remarks>
internal sealed class Alarm : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly Lane _lane;
    private readonly Action _ring;
    private readonly ITimer _timer;
    private long _at = long.MaxValue;

    /// <summary>An alarm that is not set.</summary>
    /// <param name="time">The host's clock.</param>
    /// <param name="lane">Where it rings.</param>
    /// <param name="ring">What is to be done; it sets the alarm again where it needs it.</param>
    public Alarm(TimeProvider time, Lane lane, Action ring)
    {
        (_time, _lane, _ring) = (time, lane, ring);
        _timer = time.CreateTimer(
            static me => ((Alarm)me!)._lane.Post(static m => ((Alarm)m!).Ring(), me),
            this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Rings after a while at the latest.</summary>
    /// <param name="now">The host's clock, as a timestamp.</param>
    /// <param name="after">The while.</param>
    public void Set(long now, TimeSpan after)
    {
        var at = now + (long)(after.TotalSeconds * _time.TimestampFrequency);
        if (at >= _at)
            return;
        _at = at;
        _timer.Change(after, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Ring()
    {
        _at = long.MaxValue;
        _ring();
    }
}
