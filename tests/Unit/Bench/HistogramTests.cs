using Barnabas.Bench;

namespace Barnabas.Tests.Unit.Bench;

public sealed class HistogramTests
{
    private static readonly double[] Percents = [0, 1, 25, 50, 90, 99, 99.9, 99.99, 100];

    [Fact]
    public void Nothing_recorded_is_no_time() => Assert.Equal(
        (0L, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero), Facts(new Histogram()));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(12_345_678)]
    [InlineData(1L << 39)]
    public void One_time_is_every_percentile_of_itself(long ticks)
    {
        var histogram = Of([ticks]);
        Assert.All(Percents, percent => Assert.Equal(TimeSpan.FromTicks(ticks), histogram.Percentile(percent)));
        Assert.Equal((1L, TimeSpan.FromTicks(ticks)), (histogram.Count, histogram.Mean));
    }

    [Theory]
    [InlineData(1, 200)]
    [InlineData(2, 100_000)]
    [InlineData(3, 1L << 38)]
    public void A_percentile_is_never_too_short_and_less_than_one_percent_too_long(int seed, long most)
    {
        var random = new Random(seed);
        var ticks = Enumerable.Range(0, 10_000).Select(_ => random.NextInt64(most)).Order().ToArray();
        var histogram = Of(ticks);
        foreach (var percent in Percents)
        {
            var exact = ticks[Math.Max(0, (int)Math.Ceiling(percent / 100 * ticks.Length) - 1)];
            var found = histogram.Percentile(percent).Ticks;
            Assert.True(found >= exact && found <= exact + (exact / 128) + 1, $"{percent}: {found}, not {exact}");
        }

        Assert.Equal(ticks[^1], histogram.Longest.Ticks);
    }

    [Fact]
    public void Times_beyond_both_ends_are_counted_at_the_ends()
    {
        var histogram = Of([-5, long.MaxValue]);
        Assert.Equal((TimeSpan.Zero, 2L), (histogram.Percentile(50), histogram.Count));
        Assert.Equal((1L << 40) - 1, histogram.Longest.Ticks);
    }

    [Fact]
    public void Two_together_are_one_of_both()
    {
        var (one, other) = (Of([10, 20, 30_000]), Of([5, 400]));
        one.Add(other);
        Assert.Equal(Facts(Of([10, 20, 30_000, 5, 400])), Facts(one));
    }

    [Fact]
    public void What_came_since_is_what_was_recorded_since()
    {
        var (before, after) = (Of([10, 20, 9_000_000]), Of([10, 20, 9_000_000]));
        after.Add(Of([300, 400, 500]));
        var since = after.Since(before);
        Assert.Equal(3, since.Count);
        Assert.InRange(since.Percentile(50).Ticks, 400, 403);
        Assert.InRange(since.Longest.Ticks, 500, 503);
    }

    private static (long, TimeSpan, TimeSpan, TimeSpan) Facts(Histogram one) =>
        (one.Count, one.Longest, one.Mean, one.Percentile(50));

    private static Histogram Of(IEnumerable<long> ticks)
    {
        var histogram = new Histogram();
        foreach (var one in ticks)
            histogram.Record(TimeSpan.FromTicks(one));
        return histogram;
    }
}
