using System.Diagnostics.Metrics;

namespace Barnabas.Metrics;

/// <summary>A family of histograms that keeps its series itself.</summary>
/// <param name="name">As of any family.</param>
/// <param name="unit">What is shown.</param>
/// <param name="meaning">What it says, in a sentence.</param>
/// <param name="labels">The names of the labels.</param>
/// <param name="shape">The ranges.</param>
public sealed class HistogramFamily(
    string name, string unit, string meaning, IReadOnlyList<string> labels, HistogramShape shape)
    : MetricFamily(name, MetricKind.Histogram, unit, meaning, labels, static _ => { })
{
    private HistogramSeries[] _series = [];
    private Histogram<double>? _instrument;

    /// <summary>The ranges.</summary>
    internal HistogramShape Shape => shape;

    /// <summary>The .NET instrument, where somebody listens to it; else null.</summary>
    internal Histogram<double>? Listened => _instrument is { Enabled: true } instrument ? instrument : null;

    /// <summary>A new series; it is shown from now on.</summary>
    /// <param name="labels">The values of its labels; no other series of the family has the same.</param>
    public HistogramSeries Begin(params string[] labels)
    {
        var series = new HistogramSeries(this, labels);
        HistogramSeries[] before;
        do
            before = Volatile.Read(ref _series);
        while (Interlocked.CompareExchange(ref _series, [.. before, series], before) != before);
        return series;
    }

    /// <inheritdoc/>
    public override void Collect(MetricSink sink)
    {
        foreach (var series in Volatile.Read(ref _series))
            sink.Add(series.Values, shape, series.Labels);
    }

    /// <summary>Shows what is recorded from now on to listeners of <paramref name="meter"/> too.</summary>
    internal void Publish(Meter meter) => _instrument = meter.CreateHistogram<double>(Name, Unit, Meaning);
}
