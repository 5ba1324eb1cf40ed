using System.CommandLine;
using System.Diagnostics;
using Barnabas.Bench;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas bench partitions</c></summary>
internal static class BenchPartitions
{
    private const string Prefix = "barnabas-bench-";

    private static readonly Option<int> Partitions = BenchOptions.Number(
        "--partitions", "-p", "how many partitions there are in all", 10_000, 1);

    private static readonly Option<int> Topics = BenchOptions.Number("--topics", null, "in how many topics", 10, 1);
    private static readonly Option<int> Replicas = BenchOptions.Number("--replicas", "-r", "replicas of each", 1, 1);


    public static Command Make() => Leaf.Make(
        "partitions", "make many partitions, list them, write to each, delete them",
        [Partitions, Topics, Replicas, BenchRun.Servers, BenchRun.File], RunAsync).With(
        "barnabas bench partitions --partitions 1000 --topics 1 --timeout 60s");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var topics = parsed.GetValue(Topics);
        var each = Math.Max(1, parsed.GetValue(Partitions) / topics);
        var servers = BenchRun.ServersOf(parsed);
        var run = new BenchRun(parsed, "partitions", [("topics", topics), ("partitionsOfEach", each)]);
        await using var session = await Session.OpenAsync(parsed, stop);
        var admin = session.Client.Admin;
        var names = Enumerable.Range(0, topics).Select(static at => $"{Prefix}{ChildProcess.Text(at)}").ToList();
        var figures = new List<Figure>();
        var before = ProcessUsage.Read(servers);
        try
        {
            await TimeAsync("create", async () =>
            {
                foreach (var name in names)
                    _ = await admin.CreateTopicAsync(new NewTopic(name, each, (short)parsed.GetValue(Replicas)), stop);
            });
            if (before is { } from && ProcessUsage.Read(servers) is { } to)
            {
                var bytes = (to.Anonymous - from.Anonymous) / 1024.0 / topics / each;
                figures.Add(new("server memory a partition", bytes, "KiB", Better.Less));
            }

            await TimeAsync("list", async () => _ = await admin.ListTopicsAsync(stop));
            var targets = new List<Target>();
            foreach (var name in names)
                targets.AddRange(await BenchTopic.TargetsAsync(session.Client, name, TimeSpan.FromSeconds(60), stop));
            await TimeAsync("write to each", () => WriteAsync(run, targets, stop));
        }
        finally
        {
            await TimeAsync("delete", async () => _ = await admin.DeleteTopicsAsync(names, CancellationToken.None));
        }

        run.Write(figures, []);
        return ExitCode.Ok;

        async Task TimeAsync(string what, Func<Task> act)
        {
            session.Say($"{what} ...");
            var begun = Stopwatch.GetTimestamp();
            await act();
            figures.Add(new(what, Stopwatch.GetElapsedTime(begun).TotalSeconds, "s", Better.Less));
        }
    }

    private static async Task WriteAsync(BenchRun run, List<Target> targets, CancellationToken stop)
    {
        foreach (var topic in targets.GroupBy(static one => one.Topic))
        {
            var own = topic.ToList();
            var shape = new BatchShape { Records = 1, RecordSize = 100 };
            var (batch, _) = shape.Make(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
            var settings = new ProduceSettings { Shape = shape, Bytes = (long)own.Count * batch.Length };
            var window = new RunWindow();
            using var load = new ProduceLoad(own, settings, window);
            _ = await run.MeasureAsync(load, window, TimeSpan.Zero, TimeSpan.FromMinutes(10), stop);
        }
    }
}
