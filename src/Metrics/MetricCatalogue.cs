using Barnabas.Base;

namespace Barnabas.Metrics;

/// <summary>The one list of what a node measures: the Prometheus text, the .NET meter and the documentation follow from
/// it. Safe from any lane.</summary>
public sealed class MetricCatalogue
{
    private PersistentMap<string, MetricFamily> _families =
        PersistentMap<string, MetricFamily>.Empty(StringComparer.Ordinal);

    /// <summary>The families, by name.</summary>
    public IEnumerable<MetricFamily> Families => Volatile.Read(ref _families).Select(f => f.Value);

    /// <summary>Adds families; no two have the same name.</summary>
    public void Add(IEnumerable<MetricFamily> families)
    {
        foreach (var family in families)
        {
            PersistentMap<string, MetricFamily> before, after;
            do
            {
                before = Volatile.Read(ref _families);
                Invariant.Holds(!before.ContainsKey(family.PrometheusName), $"{family.Name} is measured once");
                after = before.With(family.PrometheusName, family);
            }
            while (Interlocked.CompareExchange(ref _families, after, before) != before);
        }
    }
}
