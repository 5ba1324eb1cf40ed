using Barnabas.Bench;
using Barnabas.Cli;
using Barnabas.Cli.Commands;

namespace Barnabas.Tests.Unit.Bench;

public sealed class ReportTests
{
    private static readonly Figure[] Figures =
    [
        new("throughput", 1234.5678, "MB/s", Better.More),
        new("ack p99", 0.25, "ms", Better.Less),
        new("measured", 10, "s", Better.Neither),
    ];

    [Fact]
    public void What_is_written_is_read_again()
    {
        var report = new Report("produce", DateTimeOffset.UnixEpoch, [("acks", 1)], Figures, []);
        var (bench, figures) = Report.Read(report.ToJson().ToJsonString());
        Assert.Equal("produce", bench);
        Assert.Equal([Figures[0] with { Value = 1234.57 }, Figures[1], Figures[2]], figures);
    }

    [Fact]
    public void The_document_says_what_was_run_and_how()
    {
        var latency = new Histogram();
        latency.Record(TimeSpan.FromMilliseconds(2));
        Sample[] series =
        [
            new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(0.5), new Tally(1, 20, 3000), new Histogram()),
            new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1), new Tally(1, 20, 3000), latency),
        ];
        var json = new Report("e2e", DateTimeOffset.UnixEpoch, [("rate", null)], [], series).ToJson();
        Assert.Equal("e2e 1970-01-01T00:00:00Z", $"{json["bench"]} {json["at"]}");
        Assert.Equal(
            """
            [{"seconds":1,"bytesPerSecond":6000,"recordsPerSecond":40,"p50Ms":null,"p99Ms":null},
            {"seconds":2,"bytesPerSecond":3000,"recordsPerSecond":20,"p50Ms":2,"p99Ms":2}]
            """.Replace("\n", ""),
            json["series"]!.ToJsonString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""{"bench":"produce","figures":{"x":{"value":"much"}}}""")]
    public void What_is_no_report_is_refused(string text) =>
        Assert.Throws<FormatException>(() => Report.Read(text));

    [Fact]
    public void Two_runs_are_compared_by_what_both_have()
    {
        Figure[] after =
        [
            Figures[0] with { Value = 2469.1356 }, Figures[1] with { Value = 0.24 }, new("rest", 1, "", Better.Less),
        ];
        Assert.Equal(
            """
            FIGURE      BEFORE  AFTER  UNIT  RATIO  VERDICT
            throughput  1235    2469   MB/s  2      better
            ack p99     0.25    0.24   ms    0.96   alike

            """,
            Text(BenchCompare.Compare(Figures, after)));
        Assert.Contains("worse", Text(BenchCompare.Compare(after, Figures)));
    }

    [Fact]
    public void A_run_comes_to_its_figures()
    {
        var latency = new Histogram();
        latency.Record(TimeSpan.FromMilliseconds(4));
        var run = new Measurement
        {
            Time = TimeSpan.FromSeconds(2),
            Done = new Tally(100, 1_000, 2_000_000_000),
            Latencies = [("ack", latency)],
            Server = (
                new(TimeSpan.FromSeconds(1), 0, 0, 0, 5, 10),
                new(TimeSpan.FromSeconds(2), 3 << 20, 0, 4 << 20, 6, 50)),
        };
        var figures = Barnabas.Bench.Figures.Of(run).ToDictionary(static one => one.Name, static one => one.Value);
        Assert.Equal(
            (1_000.0, 500.0, 50.0, 4.0, 0.5, 10_000.0, 3.0, 20.0),
            (figures["throughput"], figures["records"], figures["requests"], figures["ack p99.9"],
                figures["server processor"], figures["server processor a request"], figures["server memory"],
                figures["server context switches"]));
    }

    [Fact]
    public void A_process_may_be_called_anything() => Assert.Equal(
        ["S", "1"], ProcessUsage.FieldsOfStat("42 (a) b (c) S 1\n"));

    private static string Text(Table table)
    {
        using var stream = new MemoryStream();
        using (var to = new StdOut(stream))
            table.WriteText(to);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
