namespace Barnabas.Metrics;

/// <summary>What the numbers of a family are.</summary>
public enum MetricKind
{
    /// <summary>A number that goes up and down.</summary>
    Gauge,

    /// <summary>A number that only goes up while the process runs.</summary>
    Counter,

    /// <summary>How often values fell into ranges.</summary>
    Histogram,
}
