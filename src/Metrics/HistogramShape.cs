namespace Barnabas.Metrics;

/// <summary>The ranges of a histogram.</summary>
/// <param name="Bounds">Their upper bounds, ascending, in the unit that is recorded.</param>
/// <param name="Scale">What one of that unit is in the unit that is shown.</param>
public sealed record HistogramShape(long[] Bounds, double Scale)
{
    /// <summary>Times: recorded in microseconds, shown in milliseconds, 0.1 ms to 10 s.</summary>
    public static readonly HistogramShape Time = new(
        [
            100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
            5_000_000, 10_000_000,
        ],
        0.001);

    /// <summary>Sizes in bytes: 128 B to 64 MiB.</summary>
    public static readonly HistogramShape Size = new(
        [128, 512, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20, 64 << 20], 1);
}
