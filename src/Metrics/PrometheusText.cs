using System.Buffers;
using System.Globalization;
using System.Text;

namespace Barnabas.Metrics;

/// <summary>Writes a catalogue in Prometheus' text format, version 0.0.4.</summary>
/// <remarks>Source: prometheus.io/docs/instrumenting/exposition_formats. Nothing is kept between two calls, so a series
/// that is no longer collected is no longer shown.</remarks>
public sealed class PrometheusText : MetricSink
{
    /// <summary>The media type of what is written.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly IBufferWriter<byte> _to;
    private MetricFamily? _family;
    private bool _begun;

    private PrometheusText(IBufferWriter<byte> to) => _to = to;

    /// <summary>Writes every series as it stands. Families without any are left out.</summary>
    public static void Write(MetricCatalogue catalogue, IBufferWriter<byte> to)
    {
        var text = new PrometheusText(to);
        foreach (var family in catalogue.Families)
        {
            (text._family, text._begun) = (family, false);
            family.Collect(text);
        }
    }

    /// <inheritdoc/>
    public override void Add(double value, params ReadOnlySpan<string> labels)
    {
        BeginSeries("");
        WriteLabels(labels, null);
        End(value);
    }

    /// <inheritdoc/>
    public override void Add(Distribution values, HistogramShape shape, params ReadOnlySpan<string> labels)
    {
        var (counts, sum) = values.Read();
        var all = 0L;
        for (var i = 0; i < counts.Length; i++)
        {
            all += counts[i];
            BeginSeries("_bucket");
            WriteLabels(labels, i < shape.Bounds.Length ? Text(shape.Bounds[i] * shape.Scale) : "+Inf");
            End(all);
        }

        BeginSeries("_sum");
        WriteLabels(labels, null);
        End(sum * shape.Scale);
        BeginSeries("_count");
        WriteLabels(labels, null);
        End(all);
    }

    private static string Text(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => Math.Round(value, 9).ToString("R", CultureInfo.InvariantCulture),
    };

    private void BeginSeries(string suffix)
    {
        if (!_begun)
            BeginFamily();
        Put(_family!.PrometheusName);
        Put(suffix);
    }

    private void BeginFamily()
    {
        _begun = true;
        Put("# HELP ");
        Put(_family!.PrometheusName);
        Put(" ");
        Put(_family.Meaning
            .Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal));
        Put("\n# TYPE ");
        Put(_family.PrometheusName);
        Put(_family.Kind switch
        {
            MetricKind.Counter => " counter\n",
            MetricKind.Histogram => " histogram\n",
            _ => " gauge\n",
        });
    }

    private void WriteLabels(ReadOnlySpan<string> values, string? bound)
    {
        if (values.Length == 0 && bound is null)
            return;
        Put("{");
        for (var i = 0; i < values.Length; i++)
        {
            Put(i > 0 ? "," : "");
            Put(_family!.Labels[i]);
            Put("=\"");
            PutEscaped(values[i]);
            Put("\"");
        }

        if (bound is not null)
        {
            Put(values.Length > 0 ? ",le=\"" : "le=\"");
            Put(bound);
            Put("\"");
        }

        Put("}");
    }

    private void End(double value)
    {
        Span<byte> digits = stackalloc byte[32];
        Put(" ");
        if (Math.Abs(value) < 1L << 53 && Math.Floor(value) == value)
        {
            ((long)value).TryFormat(digits, out var length, default, CultureInfo.InvariantCulture);
            _to.Write(digits[..length]);
        }
        else
        {
            Put(Text(value));
        }

        Put("\n");
    }

    private void PutEscaped(string value)
    {
        if (value.AsSpan().IndexOfAny('\\', '"', '\n') < 0)
        {
            Put(value);
            return;
        }

        Put(value.Replace(@"\", @"\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal));
    }

    private void Put(string text)
    {
        var room = _to.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        _to.Advance(Encoding.UTF8.GetBytes(text, room));
    }
}
