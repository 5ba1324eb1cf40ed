using System.CommandLine;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas bench</c></summary>
internal static class BenchCommand
{
    public static Command Make() => Leaf.Group(
        "bench", "measure a broker, this or another", BenchProduce.Make(), BenchConsume.Make(), BenchEndToEnd.Make(),
        BenchConnections.Make(), BenchPartitions.Make(), BenchGroups.Make(), BenchSoak.Make(), BenchCompare.Make(),
        BenchSuite.Make());
}
