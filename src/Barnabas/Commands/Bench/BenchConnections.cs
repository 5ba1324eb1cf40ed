using System.CommandLine;
using Barnabas.Bench;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas bench connections</c></summary>
internal static class BenchConnections
{
    private static readonly Option<int> Connections = BenchOptions.Connections(1_000);

    private static readonly Option<double?> Rate = BenchOptions.Rate(
        "requests a second of each connection (1); a request has one record of 100 B");

    private static readonly Option<bool> Idle = new("--idle") { Description = "only stay connected, and ask nothing" };
    private static readonly Option<TimeSpan> Duration = BenchOptions.Duration();
    private static readonly Option<TimeSpan?> WarmUp = BenchOptions.WarmUp();

    public static Command Make() => Leaf.Make(
        "connections", "keep many connections, each with a request now and then",
        [.. BenchTopic.Options, Connections, Rate, Idle, Duration, WarmUp, .. BenchRun.Options],
        RunAsync).With(
        "barnabas bench connections -c 1000 --server-pid $(pgrep -f 'barnabas start')",
        "barnabas bench connections -c 10000 --idle");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var count = parsed.GetValue(Connections);
        var perSecond = parsed.GetValue(Idle) ? 0 : parsed.GetValue(Rate) ?? 1;
        await using var session = await Session.OpenAsync(parsed, stop);
        await using var topic = await BenchTopic.OpenAsync(session, parsed, stop);
        var targets = await topic.TargetsAsync(stop);
        var window = new RunWindow();
        var before = ProcessUsage.Read(BenchRun.ServersOf(parsed));
        using var load = new ConnectionsLoad(targets[0], count, perSecond, window);
        var run = new BenchRun(parsed, "connections", [("connections", count), ("requestsPerSecond", perSecond)]);
        var warmUp = BenchOptions.WarmUpOf(parsed.GetValue(WarmUp), null);
        var measured = await run.MeasureAsync(load, window, warmUp, parsed.GetValue(Duration), stop);
        if (before is { } from && measured.Server is var (_, to))
        {
            var each = (to.Anonymous - from.Anonymous) / 1024.0 / count;
            run.Write(measured, new Figure("server memory a connection", each, "KiB", Better.Less));
        }
        else
        {
            run.Write(measured);
        }

        return ExitCode.Ok;
    }
}
