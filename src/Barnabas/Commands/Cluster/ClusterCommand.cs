using System.CommandLine;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas cluster</c></summary>
internal static class ClusterCommand
{
    public static Command Make() => Leaf.Group(
        "cluster", "look at the cluster", ClusterShow.Make(), ClusterApiVersions.Make(), ClusterUnregister.Make(),
        ClusterMove.Make());
}
