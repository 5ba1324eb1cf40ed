using Barnabas.Base;
using Barnabas.Cluster.Configs;

namespace Barnabas.Cluster;

/// <summary>What new topics and partitions are made by.</summary>
/// <param name="Configs">The configs, and with them the defaults for what a request leaves open.</param>
/// <param name="Random">Makes ids, and breaks ties in the placement of replicas.</param>
public sealed record TopicRules(EffectiveConfigs Configs, RandomSource Random)
{
    /// <summary>The most partitions one request may add.</summary>
    public const int MaxPartitionsPerRequest = 10_000;
}
