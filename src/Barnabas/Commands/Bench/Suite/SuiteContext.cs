using Barnabas.Bench;

namespace Barnabas.Cli.Commands;

/// <summary>What the parts of the suite share: where to work, for how long, and the table.</summary>
/// <param name="directory">Where brokers keep their data while they are measured.</param>
/// <param name="rounds">How often the two sides of a comparison take turns.</param>
/// <param name="each">How long a run counts.</param>
/// <param name="say">Told what goes on.</param>
internal sealed class SuiteContext(string directory, int rounds, TimeSpan each, Action<string> say)
{
    // Less than a segment.
    private const long Written = 512 << 20;
    private const string Compiled = "dotnet_jit_seconds_total";
    private const double HardlyAnything = 0.1;
    private const int MostPasses = 8;

    // The runtime compiles anew what was called thirty times, and once more thirty calls later.
    private const int TopicsEach = 30;

    private static readonly ProduceSettings[] WarmUps =
    [
        new() { Shape = new() { Records = 1 }, Connections = 4 },
        new(),
        new() { Shape = new() { BatchSize = 1 << 20 } },
    ];

    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(300);
    private readonly List<SuiteRow> _rows = [];
    private int _directories;

    /// <summary>The table so far.</summary>
    public IReadOnlyList<SuiteRow> Rows => _rows;

    /// <summary>The curves so far.</summary>
    public List<Curve> Curves { get; } = [];

    /// <summary>How often the two sides of a comparison take turns.</summary>
    public int Rounds { get; } = rounds;

    /// <summary>How long a run counts.</summary>
    public TimeSpan Each { get; } = each;

    /// <summary>Adds a line to the table.</summary>
    public void Add(SuiteRow row)
    {
        _rows.Add(row);
        say($"{row.Part}: {row.What}: {BenchRun.Amount(row.Value)} {row.Measure} {row.Verdict}".TrimEnd());
    }

    /// <summary>Adds the ratio of two figures.</summary>
    public void AddRatio(string part, string what, string measure, double ours, double other, Bound? target) =>
        Add(new SuiteRow(part, what, measure, other == 0 ? 0 : ours / other, target, ours, other));

    /// <summary>A directory for a server, which is not there yet.</summary>
    public string NewDirectory() => Path.Combine(directory, ChildProcess.Text(_directories++));

    /// <summary>Says what goes on.</summary>
    public void Say(string what) => say(what);

    /// <summary>Says what one round of a comparison came to.</summary>
    public void SayRound(string part, string what, Trial ours, string other, Trial its) => say(
        $"{part}: {what}: {BenchRun.Amount(ours.Throughput)} MB/s at {BenchRun.Amount(ours.Processor)} s/GB, {other} "
        + $"{BenchRun.Amount(its.Throughput)} at {BenchRun.Amount(its.Processor)}");

    /// <summary>Runs a load once.</summary>
    public async Task<Measurement> RunAsync(
        Func<RunWindow, ILoad> make, int process, CancellationToken stop, TimeSpan? duration = null,
        TimeSpan? warmUp = null)
    {
        var window = new RunWindow();
        using var load = make(window);
        return await new LoadRun(load, window, [process]).RunAsync(
            warmUp ?? WarmUp, duration ?? Each, tell: null, stop);
    }

    /// <summary>Has a node, and the bare server, serve many small requests and some large ones, to topics that come
    /// and go: the first thousands are served by code that is not compiled to its best yet, and into buffers that are
    /// new. That takes as long as the node still compiles, which on two processors is at the expense of what is
    /// measured.</summary>
    public async Task WarmAsync(LocalBroker broker, BareServer? bare, CancellationToken stop)
    {
        var compiled = await broker.MetricAsync(Compiled, stop);
        for (var pass = 0; pass < MostPasses; pass++)
        {
            for (var topic = 0; topic < TopicsEach; topic++)
            {
                var brief = WarmUps[topic % WarmUps.Length] with { Bytes = 1 << 20 };
                _ = await ProduceAsync(broker, "page-cache", brief, stop);
            }

            foreach (var settings in WarmUps)
            {
                _ = await ProduceAsync(broker, "page-cache", settings, stop);
                if (bare is not null)
                    _ = await BareAsync(bare, isAppended: true, settings, stop);
            }

            var before = compiled;
            compiled = await broker.MetricAsync(Compiled, stop);
            Say($"warm: {compiled - before:F3} s compiled");
            if (compiled - before < HardlyAnything)
                return;
        }
    }

    /// <summary>Has what writes next begin with pages that the machine has: see <see cref="FreshPages"/>.</summary>
    public void TouchPages() => FreshPages.Touch(NewDirectory());

    /// <summary>Sends to the bare server; what is appended goes to a log that is new.</summary>
    public async Task<Trial> BareAsync(
        BareServer server, bool isAppended, ProduceSettings settings, CancellationToken stop)
    {
        if (isAppended)
        {
            BareLog.BeginAnew(server.Port);
            settings = settings with { Bytes = Written };
        }

        return Trial.Of(await RunAsync(
            window => ProduceLoad.ToBareServer(server.Port, isAppended, settings, window), server.Process, stop,
            warmUp: TimeSpan.Zero));
    }

    /// <summary>Sends 512 MiB at most to a topic that is new. The topic of the run before is deleted for it.</summary>
    public async Task<Trial> ProduceAsync(
        LocalBroker broker, string durability, ProduceSettings settings, CancellationToken stop)
    {
        settings = settings with { Bytes = settings.Bytes ?? Written };
        var topic = await broker.CreateTopicAsync(durability, 1, stop);
        var targets = await broker.TargetsAsync(topic, stop);
        await broker.DropSpentAsync(topic, stop);
        return Trial.Of(await RunAsync(
            window => new ProduceLoad(targets, settings, window), broker.Process, stop,
            warmUp: TimeSpan.Zero));
    }
}
