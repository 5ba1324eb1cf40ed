using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>Pauses between attempts (KIP-580): each twice the one before, up to a bound, give or take a
/// fifth.</summary>
internal static class Backoff
{
    private const int MaxDoublings = 16;

    /// <summary>The pause after <paramref name="failures"/> failures before this one.</summary>
    public static TimeSpan After(int failures, TimeSpan first, TimeSpan most, RandomSource random)
    {
        var plain = Math.Min(first.TotalMilliseconds * (1 << Math.Min(failures, MaxDoublings)), most.TotalMilliseconds);
        var jitter = 0.8 + (random.Next(4001) / 10_000.0);
        return TimeSpan.FromMilliseconds(plain * jitter);
    }
}
