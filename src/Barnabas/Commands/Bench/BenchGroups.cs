using System.CommandLine;
using Barnabas.Bench;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas bench groups</c></summary>
internal static class BenchGroups
{
    private const string Topic = "barnabas-bench-groups";

    private static readonly Option<int> Groups = BenchOptions.Number("--groups", null, "how many groups", 1, 1);

    private static readonly Option<int> Members = BenchOptions.Number(
        "--members", null, "members of each, every one with a connection", 100, 1);

    private static readonly Option<string> Protocol = new Option<string>("--protocol")
    {
        Description = "classic (default) or consumer, that of KIP-848",
        HelpName = "KIND",
        DefaultValueFactory = _ => "classic",
    }.CompletedBy(_ => ["classic", "consumer"]);


    public static Command Make() => Leaf.Make(
        "groups", "let groups join, rebalance, live and commit",
        [Groups, Members, Protocol, BenchRun.Servers, BenchRun.File], RunAsync).With(
        "barnabas bench groups --groups 1000 --members 1",
        "barnabas bench groups --members 1000 --protocol consumer");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var (groups, members) = (parsed.GetValue(Groups), parsed.GetValue(Members));
        var protocol = parsed.GetValue(Protocol);
        if (protocol is not ("classic" or "consumer"))
            throw CliException.Usage($"--protocol {protocol}: classic or consumer");
        var run = new BenchRun(
            parsed, "groups", [("groups", groups), ("members", members), ("protocol", protocol)]);
        await using var session = await Session.OpenAsync(parsed, stop);
        var broker = BrokerAddress.Parse(session.Client.Options.BootstrapServers[0]);
        _ = await session.Client.Admin.CreateTopicAsync(new NewTopic(Topic, members, 1), stop);
        try
        {
            var load = new GroupLoad
            {
                Broker = (broker.Host, broker.Port),
                Topic = Topic,
                Groups = groups,
                Members = members,
                Servers = BenchRun.ServersOf(parsed),
            };
            run.Write(protocol == "classic" ? await load.RunClassicAsync() : await load.RunConsumerAsync(), []);
        }
        finally
        {
            _ = await session.Client.Admin.DeleteTopicsAsync([Topic], CancellationToken.None);
        }

        return ExitCode.Ok;
    }
}
