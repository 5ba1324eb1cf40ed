namespace Barnabas.Cluster.Configs;

/// <summary>A config as DescribeConfigs shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its effective value; null where it has none or is a secret.</param>
/// <param name="Source">Where the value comes from.</param>
/// <param name="Type">What kind of value it is.</param>
/// <param name="Synonyms">Every place that gives it a value, the one that counts first.</param>
/// <param name="Documentation">What it does; null for a config nobody here knows.</param>
public sealed record ConfigEntry(
    string Name, string? Value, ConfigSource Source, ConfigType Type, IReadOnlyList<ConfigSynonym> Synonyms,
    string? Documentation)
{
    /// <summary>True when it cannot be changed while the broker runs.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>True when its value is a secret, or might be one because nobody here knows the
    /// config.</summary>
    public bool IsSensitive { get; init; }

    /// <summary>True when nothing set it; the form versions before 1 of DescribeConfigs have of the
    /// source.</summary>
    public bool IsDefault => Source == ConfigSource.Default;
}
