namespace Barnabas.Cluster.Configs;

/// <summary>A place that gives a config a value.</summary>
/// <param name="Name">The config set there: the one asked for, or one that stands in for it.</param>
/// <param name="Value">The value there, in that config's own unit; null where it is a secret.</param>
/// <param name="Source">Which place it is.</param>
public readonly record struct ConfigSynonym(string Name, string? Value, ConfigSource Source);
