using Names = Barnabas.Cluster.Configs.ClientMetricsConfigNames;

namespace Barnabas.Cluster.Configs;

/// <summary>A subscription to the metrics of clients (KIP-714).</summary>
/// <param name="Metrics">Prefixes of the names that are wanted; <c>*</c> alone stands for all, none for none.</param>
/// <param name="Interval">How often to push them.</param>
/// <param name="Match">Which clients are asked; no pattern at all asks every client.</param>
public sealed record ClientMetricsConfig(
    IReadOnlyList<string> Metrics, TimeSpan Interval, IReadOnlyList<ClientPattern> Match)
{
    /// <summary>The prefix that stands for all metrics.</summary>
    public const string AllMetrics = "*";

    /// <summary>Reads a subscription; patterns that cannot be read are left out.</summary>
    public static ClientMetricsConfig From(ConfigValues values) => new(
        values.List(Names.Metrics),
        values.Time(Names.IntervalMs),
        [.. values.List(Names.Match).Select(ClientPattern.TryParse).OfType<ClientPattern>()]);

    /// <summary>Says whether a client is asked.</summary>
    /// <param name="attribute">What is known of the client, by the names that patterns have; null where
    /// nothing.</param>
    public bool Matches(Func<string, string?> attribute) =>
        Match.All(pattern => attribute(pattern.Attribute) is { } value && pattern.Matches(value));
}
