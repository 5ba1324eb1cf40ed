using Barnabas.Bench;

namespace Barnabas.Cli.Commands;

/// <summary>1,000 connections, one request a second each.</summary>
internal sealed class ConnectionsPart : ISuitePart
{
    private const int Count = 1_000;
    private const string What = "1,000 connections, a request a second each";
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public string Name => "connections";

    /// <inheritdoc/>
    public async Task RunAsync(SuiteContext suite, CancellationToken stop)
    {
        await using var broker = new LocalBroker(suite.NewDirectory());
        _ = broker.Start();
        var topic = await broker.CreateTopicAsync("page-cache", 1, stop);
        var targets = await broker.TargetsAsync(topic, stop);
        // What grows with the first requests is no matter of connections.
        _ = await suite.ProduceAsync(
            broker, "page-cache", new() { Shape = new() { Records = 1 }, Connections = 4 }, stop);
        var before = ProcessUsage.Read(broker.Process);
        var run = await suite.RunAsync(
            window => new ConnectionsLoad(targets[0], Count, 1, window), broker.Process, stop, Duration);
        if (before is not { } from || run.Server is not var (_, to))
            return;
        suite.Add(new(
            Name, What, "KiB each", (to.Anonymous - from.Anonymous) / 1024.0 / Count, Bound.AtMost(10)));
        suite.Add(new(Name, What, "threads", to.Threads, Bound.AtMost(10)));
        suite.Add(new(Name, What, "threads more than with none", to.Threads - from.Threads));
        suite.Add(new(Name, What, "p99 ms", Trial.Of(run).P99));
    }
}
