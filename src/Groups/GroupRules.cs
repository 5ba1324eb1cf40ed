using Barnabas.Cluster.Configs;

namespace Barnabas.Groups;

/// <summary>What decisions about groups are made by, beside the state and the command.</summary>
/// <param name="Config">The coordinator's configs.</param>
/// <param name="Now">The time, in ms since 1970.</param>
public readonly record struct GroupRules(GroupConfig Config, long Now);
