namespace Barnabas.Base;

/// <summary>Times as timers take them.</summary>
public static class TimerSpan
{
    /// <summary>The longest a timer runs, rounded down to days.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(49);

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    /// <summary>The time, or what is nearest to it from a millisecond to <see cref="Longest"/>: configs count
    /// milliseconds in 64 bits, timers in 32.</summary>
    public static TimeSpan ForTimer(this TimeSpan time) =>
        time < Shortest ? Shortest : time > Longest ? Longest : time;
}
