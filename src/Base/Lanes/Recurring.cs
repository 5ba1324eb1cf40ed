namespace Barnabas.Base;

/// <summary>Something that is due again and again, and rests while there is nothing to be done: a node where nothing
/// happens sleeps.</summary>
/// <remarks>However long it rested, it goes on at the beats it was begun with. It is begun and ended from any lane, and
/// rests and wakes on one.</remarks>
/// <param name="time">The clock.</param>
/// <param name="due">Called at each beat, on no lane.</param>
public sealed class Recurring(TimeProvider time, Action due) : IDisposable
{
    private TimeSpan _first;
    private TimeSpan _interval;
    private long _begun;
    private ITimer? _timer;
    private bool _rests;
    private volatile bool _isOver;

    /// <summary>Begins.</summary>
    /// <param name="first">How long until the first beat.</param>
    /// <param name="interval">How long from one beat to the next.</param>
    public void Begin(TimeSpan first, TimeSpan interval)
    {
        (_first, _interval, _begun) = (first.ForTimer(), interval.ForTimer(), time.GetTimestamp());
        _timer = time.CreateTimer(_ => due(), null, _first, _interval);
    }

    /// <summary>Rests until it is woken.</summary>
    public void Rest()
    {
        _rests = true;
        _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Goes on where it rests: there may be something to be done.</summary>
    public void Wake()
    {
        if (!_rests || _isOver)
            return;
        _rests = false;
        _timer?.Change(UntilNext().ForTimer(), _interval);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isOver = true;
        _timer?.Dispose();
    }

    private TimeSpan UntilNext()
    {
        var late = time.GetElapsedTime(_begun) - _first;
        return late < TimeSpan.Zero ? -late : TimeSpan.FromTicks(_interval.Ticks - (late.Ticks % _interval.Ticks));
    }
}
