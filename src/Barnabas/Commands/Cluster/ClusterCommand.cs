using System.CommandLine;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas cluster</c></summary>
internal static class ClusterCommand
{
    public static Command Make() => Leaf.Group(
        "cluster", "look at the cluster, and move what its brokers hold", ClusterShow.Make(), ClusterHealth.Make(),
        ClusterBrokers.Make(), ClusterDecommission.Make(), ClusterRebalance.Make(), ClusterApiVersions.Make(),
        ClusterUnregister.Make(), ClusterMove.Make());
}
