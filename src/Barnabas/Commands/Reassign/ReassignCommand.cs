using System.CommandLine;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas reassign</c></summary>
internal static class ReassignCommand
{
    public static Command Make() => Leaf.Group(
        "reassign", "move partitions to other brokers",
        ReassignPlan.Make(), ReassignStart.Make(), ReassignStatus.Make(), ReassignCancel.Make());
}
