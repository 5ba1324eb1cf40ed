namespace Barnabas.Cluster.Configs;

/// <summary>A broker config that gives another config its value where that one is not set.</summary>
/// <param name="Name">The broker config.</param>
/// <param name="Factor">What its number is multiplied by: 3600000 where it counts hours and the other
/// milliseconds.</param>
public readonly record struct ConfigStandIn(string Name, int Factor);
