namespace Barnabas.Replication;

/// <summary>Holds the copying of throttled replicas to a rate (KIP-73): what has been copied is measured over windows,
/// and beyond the rate replicas that are not in sync have to wait.</summary>
/// <remarks>Safe from any lane: each change is one compare-and-swap.</remarks>
/// <param name="time">The clock.</param>
/// <param name="terms">What may be copied, as configured now.</param>
public sealed class ReplicationQuota(TimeProvider time, Func<QuotaTerms> terms)
{
    private Window[] _windows = [];

    /// <summary>True while more was copied within the windows than the rate allows.</summary>
    public bool IsExceeded
    {
        get
        {
            var windows = Volatile.Read(ref _windows);
            var limits = terms();
            return windows.Length > 0 && RateOf(windows, limits) > limits.Rate;
        }
    }

    /// <summary>Bytes of throttled replicas have been copied, whether they had to wait or not.</summary>
    public void Took(long bytes)
    {
        if (bytes <= 0)
            return;
        Window[] before, after;
        do
        {
            before = Volatile.Read(ref _windows);
            after = Add(before, bytes, terms());
        }
        while (Interlocked.CompareExchange(ref _windows, after, before) != before);
    }

    private Window[] Add(Window[] windows, long bytes, QuotaTerms limits)
    {
        var now = time.GetTimestamp();
        if (windows is [.., var last] && now - last.Begun < UnitsOf(limits.Window))
            return [.. windows[..^1], last with { Bytes = last.Bytes + bytes }];
        return [.. windows.Where(window => Counts(window, now, limits)), new Window(now, bytes)];
    }

    // As in Kafka the time that counts begins with the oldest window, and is no shorter than one.
    private double RateOf(Window[] windows, QuotaTerms limits)
    {
        var (now, begun, bytes) = (time.GetTimestamp(), long.MaxValue, 0L);
        foreach (var window in windows)
        {
            if (Counts(window, now, limits))
                (begun, bytes) = (Math.Min(begun, window.Begun), bytes + window.Bytes);
        }

        if (bytes == 0)
            return 0;
        return bytes / (Math.Max(now - begun, UnitsOf(limits.Window)) / (double)time.TimestampFrequency);
    }

    private bool Counts(Window window, long now, QuotaTerms limits) =>
        now - window.Begun < UnitsOf(limits.Window) * limits.Windows;

    private long UnitsOf(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    /// <summary>What was copied within a window.</summary>
    /// <param name="Begun">Its begin, as a timestamp of the host's clock.</param>
    /// <param name="Bytes">The bytes copied.</param>
    private readonly record struct Window(long Begun, long Bytes);
}

/// <summary>What may be copied.</summary>
/// <param name="Rate">Bytes a second.</param>
/// <param name="Windows">Over how many windows that is measured.</param>
/// <param name="Window">How long each of them is.</param>
public readonly record struct QuotaTerms(long Rate, int Windows, TimeSpan Window);
