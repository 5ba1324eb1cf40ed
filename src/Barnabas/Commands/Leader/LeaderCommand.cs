using System.CommandLine;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas leader</c></summary>
internal static class LeaderCommand
{
    public static Command Make() => Leaf.Group("leader", "say who leads partitions", LeaderElect.Make());
}
