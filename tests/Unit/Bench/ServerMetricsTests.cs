using Barnabas.Bench;

namespace Barnabas.Tests.Unit.Bench;

public sealed class ServerMetricsTests
{
    [Fact]
    public void Series_of_a_name_are_one_sum()
    {
        var metrics = new ServerMetrics(new StringReader(
            """
            # HELP a what it is
            # TYPE a counter
            a{x="1 {2}"} 1.5
            a{x="2"} 2 1700000000000
            ab 7
            infinite +Inf

            """));
        Assert.Equal(
            [3.5, 7.0, null, double.PositiveInfinity],
            ((string[])["a", "ab", "b", "infinite"]).Select(one => metrics[one]));
    }

    [Fact]
    public void What_the_runtime_did_is_told_by_request_and_by_second()
    {
        var before = Of(
            "dotnet_gc_allocated_bytes_total 1000\ndotnet_gc_pause_seconds_total 1\ndotnet_jit_seconds_total 2\n");
        var after = Of(
            "dotnet_gc_allocated_bytes_total 6000\ndotnet_gc_pause_seconds_total 1.5\ndotnet_jit_seconds_total 2.25\n");
        var run = new Measurement
        {
            Time = TimeSpan.FromSeconds(2),
            Done = new Tally(100, 0, 0),
            Latencies = [],
        };
        Assert.Equal(
            [
                new Figure("server allocated", 50, "B/request", Better.Less),
                new Figure("server paused for garbage", 250, "ms/s", Better.Less),
                new Figure("server compiled", 125, "ms/s", Better.Less),
            ],
            ServerMetrics.Between(before, after, run));
    }

    private static ServerMetrics Of(string text) => new(new StringReader(text));
}
