using System.CommandLine;
using Barnabas.Base.Real;
using Barnabas.Cli.Commands.Start;
using Barnabas.Cluster.Configs;
using Barnabas.Node;
using Barnabas.Node.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas cluster move</c></summary>
internal static class ClusterMove
{
    private static readonly Option<string?> To = new("--to-zookeeper")
    {
        Description = "the ensemble and the path in it (zookeeper.connect)",
        HelpName = "HOST:PORT,.../PATH",
    };

    private static readonly Option<FileInfo?> Config = NodeInputs.Config("the node's server.properties");

    private static readonly Option<string?> Data = NodeInputs.Data();

    private static readonly Option<string[]> Overrides = NodeInputs.Overrides();

    public static Command Make() => Leaf.Make(
        "move", "take the metadata of a stopped node into a ZooKeeper ensemble", [To, Config, Data, Overrides],
        RunAsync).With(
        "barnabas cluster move --config server.properties --to-zookeeper zk1:2181,zk2:2181,zk3:2181/kafka");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var loaded = ServerConfigLoader.Load(NodeInputs.Of(
            parsed.GetValue(Config),
            [
                .. parsed.GetValue(Overrides) ?? [],
                .. NodeInputs.Override(BrokerConfigNames.LogDirs, parsed.GetValue(Data)),
                .. NodeInputs.Override(BrokerConfigNames.ZookeeperConnect, parsed.GetValue(To)),
            ]));
        foreach (var fault in loaded.Faults)
            Errors.Say(fault, ExitCode.Usage);
        if (loaded.Configs is not { } configs)
            return ExitCode.Usage;
        if (new EffectiveConfigs(configs).Broker(StoredConfigs.Empty).ZooKeeper is null)
            throw CliException.Usage("where to? --to-zookeeper HOST:PORT/PATH, or zookeeper.connect in the file");
        var moved = await MetadataMove.RunAsync(RealHost.Create(NullLoggerFactory.Instance), configs);
        var outcomes = new Outcomes("Cluster", "Topics", "Records", "ZooKeeper");
        outcomes.Done(
            moved.IsNew ? "moved" : "was there already", moved.ClusterId, moved.Topics, moved.Records, moved.Connect);
        var code = outcomes.Write(parsed);
        if (!parsed.GetValue(GlobalOptions.Quiet))
        {
            await Console.Error.WriteLineAsync(
                $"The node goes on with zookeeper.connect={moved.Connect} in its server.properties, and no longer "
                + "without.");
        }

        return code;
    }
}
