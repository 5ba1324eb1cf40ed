using Barnabas.Bench;
using Barnabas.Cli;
using Barnabas.Cli.Commands;

namespace Barnabas.Tests.Unit.Bench;

public sealed class SuiteRowTests
{
    [Theory]
    [InlineData(0.75, "met")]
    [InlineData(0.7499, "missed")]
    [InlineData(5, "met")]
    public void At_least_holds_from_there_on(double value, string verdict) =>
        Assert.Equal(verdict, new SuiteRow("p", "w", "m", value, Bound.AtLeast(0.75)).Verdict);

    [Theory]
    [InlineData(1.3, "met")]
    [InlineData(1.3001, "missed")]
    [InlineData(0, "met")]
    public void At_most_holds_up_to_there(double value, string verdict) =>
        Assert.Equal(verdict, new SuiteRow("p", "w", "m", value, Bound.AtMost(1.3)).Verdict);

    [Fact]
    public void The_table_tells_both_sides_the_ratio_and_the_verdict()
    {
        using var stream = new MemoryStream();
        using (var to = new StdOut(stream))
        {
            SuiteRow.Table(
            [
                new("produce", "produce, 1 MiB", "MB/s of bare", 0.80004, Bound.AtLeast(0.75), 1600.08, 2000),
                new("start", "idle", "resident MiB", 61.24),
            ]).WriteText(to);
        }

        Assert.Equal(
            """
            WHAT            MEASURE       BARNABAS  OTHER  VALUE  TARGET   VERDICT
            produce, 1 MiB  MB/s of bare  1600      2000   0.8    >= 0.75  met
            idle            resident MiB  -         -      61.2   -        -

            """, System.Text.Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Theory]
    [InlineData(new double[] { 3 }, 3)]
    [InlineData(new double[] { 9, 1, 5 }, 5)]
    [InlineData(new double[] { 4, 1, 2, 3 }, 2)]
    public void The_median_is_the_one_in_the_middle(double[] values, double median) =>
        Assert.Equal(median, Trial.Median(values));

    [Fact]
    public void A_soak_tells_how_its_end_differs_from_its_beginning()
    {
        var series = Enumerable.Range(0, 12).Select(static second => Sample(second < 9 ? 2 : 8)).ToList();
        var run = new Measurement
        {
            Time = TimeSpan.FromSeconds(12),
            Done = default,
            Latencies = [],
            Series = series,
            Server = (new(default, 1 << 20, 0, 0, 0, 0), new(default, 4 << 20, 0, 0, 0, 0)),
        };
        Assert.Equal(
            [
                new Figure("p99, last quarter to second", 4, "", Better.Less),
                new Figure("server memory grown", 3, "MiB", Better.Less),
            ],
            BenchSoak.Drift(run));
    }

    private static Sample Sample(int milliseconds)
    {
        var latency = new Histogram();
        latency.Record(TimeSpan.FromMilliseconds(milliseconds));
        return new(TimeSpan.Zero, TimeSpan.FromSeconds(1), default, latency);
    }
}
