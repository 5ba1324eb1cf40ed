using System.Buffers;
using System.Text;
using Barnabas.Base;
using Barnabas.Metrics;

namespace Barnabas.Tests.Unit.Metrics;

public sealed class PrometheusTextTests
{
    [Fact]
    public void A_counter_has_help_type_and_total() => Assert.Equal(
        """
        # HELP kafka_a_b_total What it says.
        # TYPE kafka_a_b_total counter
        kafka_a_b_total 3
        kafka_a_b_total{topic="x"} 2

        """,
        Text(new MetricFamily("kafka.a.b", MetricKind.Counter, "1", "What it says.", ["topic"], sink =>
        {
            sink.Add(3);
            sink.Add(2, "x");
        })));

    [Fact]
    public void Families_stand_in_the_order_of_their_names_and_empty_ones_are_left_out()
    {
        var text = Text(
            Gauge("b", 1), new MetricFamily("c", MetricKind.Gauge, "1", "Nothing.", [], _ => { }), Gauge("a", 2));
        Assert.Equal(
            ["# HELP a m", "# TYPE a gauge", "a 2", "# HELP b m", "# TYPE b gauge", "b 1", ""], text.Split('\n'));
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(-1, "-1")]
    [InlineData(9007199254740991, "9007199254740991")]
    [InlineData(0.1, "0.1")]
    [InlineData(1e300, "1E+300")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    public void Numbers_are_written_so_that_they_can_be_read(double value, string text) =>
        Assert.EndsWith($"\na {text}\n", Text(Gauge("a", value)), StringComparison.Ordinal);

    [Fact]
    public void What_would_end_a_label_or_a_line_is_escaped()
    {
        var family = new MetricFamily(
            "a", MetricKind.Gauge, "1", "one\\two\nthree \"four\"", ["x", "y"], sink => sink.Add(1, "q\"b\\n\ne", "é"));
        Assert.Equal(
            "# HELP a one\\\\two\\nthree \"four\"\n# TYPE a gauge\na{x=\"q\\\"b\\\\n\\ne\",y=\"é\"} 1\n", Text(family));
    }

    [Fact]
    public void Buckets_of_a_histogram_add_up()
    {
        var family = new HistogramFamily("t", "ms", "m", ["api"], new HistogramShape([100, 250, 1000], 0.001));
        var series = family.Begin("Fetch");
        foreach (var microseconds in new long[] { 1, 100, 101, 1000, 1001, 5000 })
            series.Record(microseconds);
        Assert.Equal(
            """
            # HELP t m
            # TYPE t histogram
            t_bucket{api="Fetch",le="0.1"} 2
            t_bucket{api="Fetch",le="0.25"} 3
            t_bucket{api="Fetch",le="1"} 4
            t_bucket{api="Fetch",le="+Inf"} 6
            t_sum{api="Fetch"} 7.203
            t_count{api="Fetch"} 6

            """,
            Text(family));
    }

    [Fact]
    public void A_name_is_measured_once()
    {
        var catalogue = new MetricCatalogue();
        catalogue.Add([Gauge("a.b", 1)]);
        Assert.Throws<InvariantBrokenException>(() => catalogue.Add([Gauge("a_b", 1)]));
    }

    private static MetricFamily Gauge(string name, double value) =>
        MetricFamily.Of(name, MetricKind.Gauge, "1", "m", () => value);

    private static string Text(params MetricFamily[] families)
    {
        var catalogue = new MetricCatalogue();
        catalogue.Add(families);
        var to = new ArrayBufferWriter<byte>();
        PrometheusText.Write(catalogue, to);
        return Encoding.UTF8.GetString(to.WrittenSpan);
    }
}
