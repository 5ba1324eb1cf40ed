using System.Globalization;
using Barnabas.Server.Telemetry;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Server.Telemetry;

public sealed class OtlpMetricsTests
{
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    [Fact]
    public void Gauges_sums_and_histograms_are_read()
    {
        var values = OtlpMetrics.TryRead(Otlp.Data(
            Otlp.Gauge("latency", 1.5, ("node", "n1"), ("id", -7L), ("up", true), ("load", 0.25)),
            Otlp.Sum("sent", 12, isDelta: true),
            Otlp.Sum("received", -3, isDelta: false),
            Otlp.Sum("open", 4, isDelta: false, isMonotonic: false),
            Otlp.Histogram("wait", 3, 4.5)));

        Assert.NotNull(values);
        Assert.Equal(
            [
                "latency ms Gauge 1.5 node=n1 id=-7 up=True load=0.25", "sent  Delta 12", "received  Total -3",
                "open  Gauge 4", "wait.count  Total 3 le=x", "wait.sum  Total 4.5 le=x",
            ],
            values.Select(Text));
    }

    [Fact]
    public void Fields_of_later_versions_are_let_pass()
    {
        byte[] metric =
        [
            .. Otlp.Message(99, [1, 2, 3]), .. Otlp.Number(98, 5), .. Otlp.Fixed(97, 6), .. Otlp.Gauge("g", 2),
            0xfd, 0x05, 1, 2, 3, 4,
        ];

        Assert.Equal(["g ms Gauge 2"], OtlpMetrics.TryRead(Otlp.Data(metric))?.Select(Text));
    }

    [Fact]
    public void Names_that_are_none_are_left_out()
    {
        var values = OtlpMetrics.TryRead(Otlp.Data(
            Otlp.Gauge("", 1), Otlp.Gauge(new string('x', 256), 2), Otlp.Gauge("good", 3)));

        Assert.Equal(["good ms Gauge 3"], values?.Select(Text));
    }

    [Theory]
    [InlineData(new byte[] { 0x0a })]
    [InlineData(new byte[] { 0x0a, 5, 1 })]
    [InlineData(new byte[] { 0x0b })]
    [InlineData(new byte[] { 0x0a, 2, 0x12, 9 })]
    [InlineData(new byte[] { 0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01 })]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01 })]
    public void What_is_no_message_is_refused(byte[] bytes) => Assert.Null(OtlpMetrics.TryRead(bytes));

    [Fact]
    public void A_push_of_too_many_values_is_refused()
    {
        var points = Enumerable.Range(0, OtlpMetrics.Most + 1).SelectMany(_ => Otlp.Message(1, [])).ToArray();
        byte[] metric = [.. Otlp.Text(1, "many"), .. Otlp.Message(5, points)];

        Assert.Null(OtlpMetrics.TryRead(Otlp.Data(metric)));
    }

    [Fact]
    public void Cut_or_changed_bytes_are_refused_or_read_but_never_more() =>
        Prop.ForAll<byte[], ushort, byte>((random, at, change) =>
        {
            var data = Otlp.Data(Otlp.Gauge("latency", 1.5, ("node", "n1")), Otlp.Histogram("wait", 3, 4.5));
            data[at % data.Length] ^= change;
            OtlpMetrics.TryRead(data);
            OtlpMetrics.TryRead(data.AsSpan(0, at % data.Length));
            OtlpMetrics.TryRead(random);
            return OtlpMetrics.TryRead(random) is not { Count: > OtlpMetrics.Most };
        }).QuickCheckThrowOnFailure();

    private static string Text(ClientMetric metric)
    {
        var attributes = metric.Attributes.Select(a => string.Create(Plain, $"{a.Key}={a.Value}"));
        var value = string.Create(Plain, $"{metric.Name} {metric.Unit} {metric.Kind} {metric.Value}");
        return string.Join(' ', [value, .. attributes]);
    }
}
