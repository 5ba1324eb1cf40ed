namespace Barnabas.Client;

/// <summary>A point in time by which something must be done.</summary>
/// <param name="Time">The clock.</param>
/// <param name="At">The point, as a timestamp of that clock.</param>
internal readonly record struct Deadline(TimeProvider Time, long At)
{
    /// <summary>What is left; negative when it is over.</summary>
    public TimeSpan Left => Time.GetElapsedTime(Time.GetTimestamp(), At);

    /// <summary>True when it is over.</summary>
    public bool IsOver => Left <= TimeSpan.Zero;

    /// <summary>A deadline from now on.</summary>
    public static Deadline In(TimeProvider time, TimeSpan timeout) =>
        new(time, time.GetTimestamp() + (long)(timeout.TotalSeconds * time.TimestampFrequency));

    /// <summary>What is left, but no more than <paramref name="most"/> and no less than nothing.</summary>
    public TimeSpan Bound(TimeSpan most)
    {
        var left = Left;
        return left < TimeSpan.Zero ? TimeSpan.Zero : left < most ? left : most;
    }
}
