namespace Barnabas.Replication;

/// <summary>Bounds the bytes a second that compaction may take, all of it together. Owned by its lane.</summary>
/// <param name="time">The clock.</param>
/// <param name="bytesPerSecond">The bound as it is configured now; 0 to stop it.</param>
internal sealed class ByteThrottle(TimeProvider time, Func<long> bytesPerSecond)
{
    /// <summary>The longest pause at a time, so that a bound raised meanwhile counts soon.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);
    private long _paidUntil = long.MinValue;

    /// <summary>The most bytes to take at once: what the bound gives in a second.</summary>
    public int Most(int wanted) => (int)Math.Clamp(bytesPerSecond(), 1, wanted);

    /// <summary>Comes back when more may be taken, or after a while: then the caller looks again.</summary>
    /// <returns>True when it may be taken now.</returns>
    public async Task<bool> PauseAsync()
    {
        var left = bytesPerSecond() == 0 ? Longest : Left();
        if (left <= TimeSpan.Zero)
            return true;
        // In whole milliseconds: a timer takes no less, and would be due at once.
        var pause = TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds));
        await Task.Delay(pause < Longest ? pause : Longest, time);
        return false;
    }

    /// <summary>Bytes have been taken: they keep the others waiting for as long as the bound gives them.</summary>
    public void Took(long bytes)
    {
        var seconds = bytes / (double)Math.Max(bytesPerSecond(), 1);
        var from = Math.Max(_paidUntil, time.GetTimestamp());
        _paidUntil = from + (long)(seconds * time.TimestampFrequency);
    }

    private TimeSpan Left() =>
        _paidUntil == long.MinValue ? TimeSpan.Zero : time.GetElapsedTime(time.GetTimestamp(), _paidUntil);
}
