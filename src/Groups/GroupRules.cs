using Barnabas.Cluster.Configs;
using Barnabas.Groups.Assignors;

namespace Barnabas.Groups;

/// <summary>What decisions about groups are made by, beside the state and the command.</summary>
/// <param name="Config">The coordinator's configs.</param>
/// <param name="Now">The time, in ms since 1970.</param>
public readonly record struct GroupRules(GroupConfig Config, long Now)
{
    /// <summary>The cluster.</summary>
    public required ClusterView Cluster { get; init; }

    /// <summary>The assignors on offer.</summary>
    public required ServerAssignors Assignors { get; init; }

    /// <summary>The configs of a group of the consumer protocol, by its id.</summary>
    public required Func<string, ConsumerGroupConfig> ConsumerConfig { get; init; }
}
