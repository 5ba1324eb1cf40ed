using Barnabas.Cluster.Configs;

namespace Barnabas.Node.Configuration;

/// <summary>What reading a node's configs came to.</summary>
/// <param name="Configs">The configs; null where there are faults.</param>
/// <param name="Faults">Why the node must not start, one sentence each, with key, value and place; empty
/// where it may.</param>
/// <param name="Warnings">What its owner should know, one sentence each.</param>
public sealed record LoadedConfigs(
    ServerConfigs? Configs, IReadOnlyList<string> Faults, IReadOnlyList<string> Warnings);
