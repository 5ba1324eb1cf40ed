using Barnabas.Cluster.Configs;

namespace Barnabas.Replication;

/// <summary>Holds the copying of throttled replicas to a rate (KIP-73): what has been copied is measured over windows,
/// and beyond the rate replicas that are not in sync have to wait.</summary>
/// <remarks>Safe from any lane: each change is one compare-and-swap.</remarks>
/// <param name="time">The clock.</param>
/// <param name="config">How replicas follow, as configured now.</param>
/// <param name="rate">The rate that counts, in bytes a second.</param>
public sealed class ReplicationQuota(
    TimeProvider time, Func<ReplicationConfig> config, Func<ReplicationConfig, long> rate)
{
    private Window[] _windows = [];

    /// <summary>True while more was copied within the windows than the rate allows.</summary>
    public bool IsExceeded
    {
        get
        {
            var windows = Volatile.Read(ref _windows);
            return windows.Length > 0 && RateOf(windows, config()) > rate(config());
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
            after = Add(before, bytes, config());
        }
        while (Interlocked.CompareExchange(ref _windows, after, before) != before);
    }

    private Window[] Add(Window[] windows, long bytes, ReplicationConfig limits)
    {
        var now = time.GetTimestamp();
        if (windows is [.., var last] && now - last.Begun < UnitsOf(limits.QuotaWindow))
            return [.. windows[..^1], last with { Bytes = last.Bytes + bytes }];
        return [.. windows.Where(window => Counts(window, now, limits)), new Window(now, bytes)];
    }

    // As in Kafka the time that counts begins with the oldest window, and is no shorter than one.
    private double RateOf(Window[] windows, ReplicationConfig limits)
    {
        var (now, begun, bytes) = (time.GetTimestamp(), long.MaxValue, 0L);
        foreach (var window in windows)
        {
            if (Counts(window, now, limits))
                (begun, bytes) = (Math.Min(begun, window.Begun), bytes + window.Bytes);
        }

        if (bytes == 0)
            return 0;
        return bytes / (Math.Max(now - begun, UnitsOf(limits.QuotaWindow)) / (double)time.TimestampFrequency);
    }

    private bool Counts(Window window, long now, ReplicationConfig limits) =>
        now - window.Begun < UnitsOf(limits.QuotaWindow) * limits.QuotaWindows;

    private long UnitsOf(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    /// <summary>What was copied within a window.</summary>
    /// <param name="Begun">Its begin, as a timestamp of the host's clock.</param>
    /// <param name="Bytes">The bytes copied.</param>
    private readonly record struct Window(long Begun, long Bytes);
}
