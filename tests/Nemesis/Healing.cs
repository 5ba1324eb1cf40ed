using Barnabas.Tests.Nemesis.Drivers;

namespace Barnabas.Tests.Nemesis;

/// <summary>Waits until partitions take writes again.</summary>
/// <param name="recorder">Knows when each took its last one.</param>
/// <param name="clock">What limits are held against.</param>
internal sealed class Healing(Recorder recorder, MachineClock clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits until every one of these partitions has acknowledged a write after a moment.</summary>
    /// <param name="since">The moment, on the recorder's clock.</param>
    /// <param name="keys">The partitions, by number.</param>
    /// <param name="limit">How long to wait from now on, by the machine's clock.</param>
    /// <returns>How long the slowest took, and which did not come back at all.</returns>
    public async Task<(TimeSpan Slowest, IReadOnlyList<int> Missing)> WaitAsync(
        long since, IReadOnlyList<int> keys, TimeSpan limit)
    {
        var begun = clock.Given;
        while (true)
        {
            var now = Recorder.Now;
            var missing = keys.Where(key => recorder.LastAcknowledged(key) < since).ToList();
            var passed = TimeSpan.FromMicroseconds(now - since);
            if (missing.Count == 0 || clock.Given - begun > limit)
                return (passed, missing);
            await Task.Delay(Interval);
        }
    }
}
