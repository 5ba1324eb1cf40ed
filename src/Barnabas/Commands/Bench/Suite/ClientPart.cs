using System.Globalization;
using System.Text.Json.Nodes;

namespace Barnabas.Cli.Commands;

/// <summary>The managed client against librdkafka, each in a process of its own, on the same broker.</summary>
internal sealed class ClientPart : ISuitePart
{
    private static readonly (int Size, int Records)[] Runs = [(1_000, 600_000), (100, 3_000_000)];

    /// <inheritdoc/>
    public string Name => "client";

    /// <inheritdoc/>
    public async Task RunAsync(SuiteContext suite, CancellationToken stop)
    {
        var checkout = BareServer.Checkout() ?? throw new CliException(
            ExitCode.Failed, "clients are compared by programs that only a checkout has: run ./barnabas there");
        var directory = Directory.CreateDirectory(suite.NewDirectory()).FullName;
        var theirs = Path.Combine(directory, "rdkafka");
        var ours = Path.Combine(checkout, "artifacts/bin/Load/release/Barnabas.Bench.Load.dll");
        if (await ChildProcess.RunAsync(
            "gcc", ["-O2", "-o", theirs, Path.Combine(checkout, "bench/Peers/rdkafka.c"), "-lrdkafka"], stop) is null)
        {
            suite.Say($"{Name}: left out: there is no gcc or librdkafka; 'eng/install.sh bench' installs them");
            return;
        }

        if (!File.Exists(ours) && await ChildProcess.RunAsync(
            Path.Combine(checkout, "eng/build.sh"), [Path.Combine(checkout, "bench/Load")], stop) is null)
        {
            throw new CliException(ExitCode.Failed, "bench/Load does not build: see artifacts/build.log");
        }

        await using var broker = new LocalBroker(suite.NewDirectory());
        _ = broker.Start();
        var address = $"127.0.0.1:{ChildProcess.Text(broker.Port)}";
        foreach (var (size, records) in Runs)
        {
            var (produced, consumed) = (new Sides(), new Sides());
            var (count, bytes) = (ChildProcess.Text(records), ChildProcess.Text(size));
            for (var round = 0; round < suite.Rounds; round++)
            {
                var topic = await broker.CreateTopicAsync("page-cache", 1, stop);
                var other = await broker.CreateTopicAsync("page-cache", 1, stop);
                produced.Theirs.Add(await MeasureAsync(theirs, ["produce", address, other, count, bytes], stop));
                produced.Ours.Add(await MeasureAsync(
                    "dotnet", [ours, "produce", address, topic, count, bytes, "none"], stop));
                consumed.Theirs.Add(await MeasureAsync(theirs, ["consume", address, topic, count], stop));
                consumed.Ours.Add(await MeasureAsync("dotnet", [ours, "consume", address, topic, count], stop));
                await broker.DeleteTopicAsync(topic, stop);
                await broker.DeleteTopicAsync(other, stop);
            }

            Tell(suite, $"managed producer, {size} B records", produced);
            Tell(suite, $"managed consumer, {size} B records", consumed);
            var mock = await MeasureAsync(theirs, ["mock", "-", "t", count, bytes], stop);
            suite.Add(new(Name, $"librdkafka into its mock cluster, {size} B records", "MB/s", mock.Rate));
        }
    }

    private void Tell(SuiteContext suite, string what, Sides sides)
    {
        suite.AddRatio(
            Name, what, "MB/s of librdkafka", Trial.Median(sides.Ours.Select(static one => one.Rate)),
            Trial.Median(sides.Theirs.Select(static one => one.Rate)), Bound.AtLeast(1.2));
        suite.AddRatio(
            Name, what, "processor s/GB of librdkafka", Trial.Median(sides.Ours.Select(static one => one.Processor)),
            Trial.Median(sides.Theirs.Select(static one => one.Processor)), Bound.AtMost(0.8));
    }

    private static async Task<(double Rate, double Processor)> MeasureAsync(
        string program, string[] arguments, CancellationToken stop)
    {
        var output = await ChildProcess.RunAsync(program, arguments, stop)
            ?? throw new CliException(ExitCode.Failed, $"{program} {string.Join(' ', arguments)} failed");
        var measured = JsonNode.Parse(output)!;
        var bytes = Number("bytes");
        return (bytes / 1e6 / Number("seconds"), Number("processor") / bytes * 1e9);

        double Number(string name) =>
            double.Parse(measured[name]!.ToString(), CultureInfo.InvariantCulture);
    }

    private sealed record Sides
    {
        public List<(double Rate, double Processor)> Ours { get; } = [];

        public List<(double Rate, double Processor)> Theirs { get; } = [];
    }
}
