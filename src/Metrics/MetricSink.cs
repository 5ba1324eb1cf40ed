namespace Barnabas.Metrics;

/// <summary>Takes the series of a family, one by one.</summary>
public abstract class MetricSink
{
    /// <summary>A series of a gauge or counter.</summary>
    /// <param name="value">What it stands at.</param>
    /// <param name="labels">The values of its labels, one for each the family names.</param>
    public abstract void Add(double value, params ReadOnlySpan<string> labels);

    /// <summary>A series of a histogram.</summary>
    /// <param name="values">What was recorded.</param>
    /// <param name="shape">Its ranges and what its numbers are shown in.</param>
    /// <param name="labels">The values of its labels.</param>
    public abstract void Add(Distribution values, HistogramShape shape, params ReadOnlySpan<string> labels);
}
