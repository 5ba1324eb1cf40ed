namespace Barnabas.Metrics;

/// <summary>Series of one name and meaning, told apart by the values of their labels.</summary>
/// <param name="name">The name, lower case, its parts joined by dots: <c>kafka.server.brokertopicmetrics.bytesin</c>.
/// Prometheus sees underscores instead, and <c>_total</c> behind a counter.</param>
/// <param name="kind">What the numbers are.</param>
/// <param name="unit">What they count, in UCUM's signs: <c>By</c>, <c>ms</c>, <c>{request}</c>.</param>
/// <param name="meaning">What they say, in a sentence.</param>
/// <param name="labels">The names of the labels; empty for a family that is one series.</param>
/// <param name="collect">Gives the series as they stand; from any lane, and must not wait.</param>
public class MetricFamily(
    string name, MetricKind kind, string unit, string meaning, IReadOnlyList<string> labels, Action<MetricSink> collect)
{
    /// <summary>The name, its parts joined by dots.</summary>
    public string Name { get; } = name;

    /// <summary>What the numbers are.</summary>
    public MetricKind Kind { get; } = kind;

    /// <summary>What they count.</summary>
    public string Unit { get; } = unit;

    /// <summary>What they say.</summary>
    public string Meaning { get; } = meaning;

    /// <summary>The names of the labels.</summary>
    public IReadOnlyList<string> Labels { get; } = labels;

    /// <summary>The name as Prometheus sees it.</summary>
    public string PrometheusName { get; } =
        name.Replace('.', '_') + (kind == MetricKind.Counter ? "_total" : "");

    /// <summary>A family of one series without labels.</summary>
    public static MetricFamily Of(string name, MetricKind kind, string unit, string meaning, Func<double> value) =>
        new(name, kind, unit, meaning, [], sink => sink.Add(value()));

    /// <summary>Gives every series to <paramref name="sink"/>.</summary>
    public virtual void Collect(MetricSink sink) => collect(sink);
}
