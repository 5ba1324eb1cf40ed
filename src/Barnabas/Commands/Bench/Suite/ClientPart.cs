using System.Globalization;
using System.Text.Json.Nodes;

namespace Barnabas.Cli.Commands;

/// <summary>The managed client against librdkafka, each in a process of its own, on the same broker.</summary>
internal sealed class ClientPart : ISuitePart
{
    private static readonly int[] Sizes = [1_000, 100];

    // About a second each, on two processors.
    private static readonly (string Codec, int Megabytes)[] Codecs =
        [("none", 600), ("lz4", 300), ("snappy", 300), ("zstd", 120), ("gzip", 12)];

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
        await suite.WarmAsync(broker, bare: null, stop);
        suite.TouchPages();
        foreach (var size in Sizes)
        {
            foreach (var (codec, megabytes) in Codecs)
            {
                var run = new Run(
                    theirs, ours, address, codec, ChildProcess.Text(size),
                    ChildProcess.Text(megabytes * 1_000_000L / size));
                var (produced, consumed) = await MeasureAsync(suite, broker, run, stop);
                Tell(suite, $"managed producer, {size} B records, {codec}", produced);
                Tell(suite, $"managed consumer, {size} B records, {codec}", consumed);
                if (codec != "none")
                    continue;
                var mock = await MeasureAsync(theirs, run.Produce("mock", "t", "-"), stop);
                suite.Add(new(Name, $"librdkafka into its mock cluster, {size} B records", "MB/s", mock.Rate));
            }
        }
    }

    private static async Task<(Sides Produced, Sides Consumed)> MeasureAsync(
        SuiteContext suite, LocalBroker broker, Run run, CancellationToken stop)
    {
        var (produced, consumed) = (new Sides(), new Sides());
        // The work of gzip is nearly all that it costs, and repeats well: one round keeps the suite short.
        var rounds = run.Codec == "gzip" ? 1 : suite.Rounds;
        for (var round = 0; round < rounds; round++)
        {
            // What one has written is deleted just before the other writes: both write to the same pages.
            var other = await broker.CreateTopicAsync("page-cache", 1, stop);
            produced.Theirs.Add(await MeasureAsync(run.Theirs, run.Produce("produce", other), stop));
            await broker.DeleteTopicAsync(other, stop);
            var topic = await broker.CreateTopicAsync("page-cache", 1, stop);
            produced.Ours.Add(await MeasureAsync("dotnet", [run.Ours, .. run.Produce("produce", topic)], stop));
            consumed.Theirs.Add(await MeasureAsync(run.Theirs, run.Consume(topic), stop));
            consumed.Ours.Add(await MeasureAsync("dotnet", [run.Ours, .. run.Consume(topic)], stop));
            await broker.DeleteTopicAsync(topic, stop);
        }

        return (produced, consumed);
    }

    private void Tell(SuiteContext suite, string what, Sides sides)
    {
        suite.AddRatio(
            Name, what, "MB/s of librdkafka", Trial.Median(sides.Ours.Select(static one => one.Rate)),
            Trial.Median(sides.Theirs.Select(static one => one.Rate)), Bound.AtLeast(1.2));
        suite.AddRatio(
            Name, what, "processor s/GB of librdkafka", Trial.Median(sides.Ours.Select(static one => one.Processor)),
            Trial.Median(sides.Theirs.Select(static one => one.Processor)), Bound.AtMost(0.8));
        suite.Add(new(
            Name, what, "bytes allocated a record", Trial.Median(sides.Ours.Select(static one => one.Allocated))));
    }

    private static async Task<Side> MeasureAsync(string program, string[] arguments, CancellationToken stop)
    {
        var output = await ChildProcess.RunAsync(program, arguments, stop)
            ?? throw new CliException(ExitCode.Failed, $"{program} {string.Join(' ', arguments)} failed");
        var measured = JsonNode.Parse(output)!;
        var bytes = Number("bytes");
        return new(
            bytes / 1e6 / Number("seconds"), Number("processor") / bytes * 1e9,
            Number("allocated") / Number("records"));

        double Number(string name) =>
            double.Parse(measured[name]?.ToString() ?? "0", CultureInfo.InvariantCulture);
    }

    /// <summary>What both sides send or read, as arguments: as much goes before it for a second, so that neither is
    /// measured while it compiles its code or asks the system for memory.</summary>
    private sealed record Run(string Theirs, string Ours, string Address, string Codec, string Size, string Records)
    {
        public string[] Produce(string command, string topic, string? address = null) =>
            [command, address ?? Address, topic, Records, Size, Codec, Records];

        public string[] Consume(string topic) => ["consume", Address, topic, Records, Records];
    }

    /// <summary>What one run came to: MB/s, seconds of processor for a GB, bytes allocated for a record.</summary>
    private readonly record struct Side(double Rate, double Processor, double Allocated);

    private sealed record Sides
    {
        public List<Side> Ours { get; } = [];

        public List<Side> Theirs { get; } = [];
    }
}
