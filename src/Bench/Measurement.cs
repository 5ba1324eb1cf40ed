namespace Barnabas.Bench;

/// <summary>What a run came to, the warm-up left out.</summary>
public sealed record Measurement
{
    /// <summary>How long was counted.</summary>
    public required TimeSpan Time { get; init; }

    /// <summary>What was done.</summary>
    public required Tally Done { get; init; }

    /// <summary>How long it took, by what was counted; the first is that of <see cref="Done"/>.</summary>
    public required IReadOnlyList<(string Name, Histogram Latency)> Latencies { get; init; }

    /// <summary>What the servers used before and after; null where they are not on this machine.</summary>
    public (ProcessUsage Before, ProcessUsage After)? Server { get; init; }

    /// <summary>What this process used before and after.</summary>
    public (ProcessUsage Before, ProcessUsage After) Client { get; init; }

    /// <summary>Bytes this process allocated for objects.</summary>
    public long Allocated { get; init; }

    /// <summary>The run by seconds, the warm-up included.</summary>
    public IReadOnlyList<Sample> Series { get; init; } = [];
}
