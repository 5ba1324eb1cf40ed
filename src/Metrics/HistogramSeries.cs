namespace Barnabas.Metrics;

/// <summary>One histogram of a family. Safe from any lane.</summary>
public sealed class HistogramSeries
{
    private readonly HistogramFamily _family;
    private readonly KeyValuePair<string, object?>[] _tags;

    internal HistogramSeries(HistogramFamily family, string[] labels)
    {
        (_family, Labels, Values) = (family, labels, new Distribution(family.Shape.Bounds));
        _tags = [.. labels.Select((value, i) => new KeyValuePair<string, object?>(family.Labels[i], value))];
    }

    /// <summary>The values of its labels.</summary>
    internal string[] Labels { get; }

    /// <summary>What was recorded.</summary>
    internal Distribution Values { get; }

    /// <summary>Counts a value in, in the unit of the family's <see cref="HistogramShape"/>.</summary>
    public void Record(long value)
    {
        Values.Record(value);
        _family.Listened?.Record(value * _family.Shape.Scale, _tags);
    }
}
