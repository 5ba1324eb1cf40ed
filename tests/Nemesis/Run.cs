using System.Diagnostics;
using System.Globalization;
using Barnabas.Tests.Checker;
using Barnabas.Tests.Nemesis.Drivers;
using Barnabas.Tests.Nemesis.Faults;
using Barnabas.Tests.Nemesis.Place;
using Barnabas.Tests.Nemesis.Servers;

namespace Barnabas.Tests.Nemesis;

/// <summary>One run: a cluster, its clients, faults for some minutes, and the verdict.</summary>
internal sealed class Run : IDisposable
{
    /// <summary>Within so long after healing every partition takes writes again.</summary>
    private static readonly TimeSpan WritableWithin = TimeSpan.FromSeconds(30);

    /// <summary>Transactions that were open have to time out first.</summary>
    private static readonly TimeSpan CopiedWithin = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);
    private readonly Options _options;
    private readonly Tally _tally;
    private readonly List<string> _faults = [];
    private readonly MachineClock _clock = new();
    private readonly long _began = Stopwatch.GetTimestamp();

    /// <summary>A run as it was asked for, with its files in this directory.</summary>
    public Run(Options options, string home) => (_options, Home, _tally) = (options, home, new(options.Seed));

    /// <summary>Where its files are.</summary>
    public string Home { get; }

    /// <summary>Runs.</summary>
    /// <returns>What is wrong; empty where all promises were kept.</returns>
    /// <exception cref="PlaceException">The machine does not let us have what a run needs.</exception>
    public async Task<IReadOnlyList<string>> PlayAsync()
    {
        Site site = Room.IsHere ? new NetworkSite(Cluster.Nodes) : new LoopbackSite();
        var (clocks, noClocks) = WallClock.Compile(Home);
        if (noClocks is not null)
            Say($"clocks stay right, for gcc says: {noClocks}");
        using var cluster = new Cluster(site, Home, clocks);
        // Nobody else ends servers that stand in no namespaces of their own.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => cluster.Dispose();
        await cluster.StartAsync();
        await using var client = Workload.NewClient(cluster.Bootstrap, "nemesis");
        try
        {
            await Topics.CreateAsync(client, StartLimit);
        }
        catch (TimeoutException late)
        {
            return [$"without any fault, {late.Message}", .. Tails(cluster)];
        }

        Say("the cluster is up");

        await using var workload = new Workload(cluster.Bootstrap, Home, _clock);
        workload.Start();
        var (_, missing) = await new Healing(workload.Recorder, _clock)
            .WaitAsync(Recorder.Now, Topics.Keys, StartLimit);
        if (missing.Count > 0)
            return [$"without any fault, {Names(missing)} took no writes", .. Tails(cluster)];
        Say("every partition takes writes");

        var maker = new FaultMaker(cluster, new Roles(cluster, client), workload);
        await DisturbAsync(cluster, workload, maker, Kinds(site, clocks is not null));
        var took = Stopwatch.GetElapsedTime(_began);
        Say("the faults are over");
        var stuck = await workload.DrainAsync();
        foreach (var one in stuck)
            Fail(one);
        if (stuck.Count > 0)
            await ExplainAsync(cluster, workload);
        return Judge(cluster, workload, took, stuck.Count == 0);
    }

    private List<FaultKind> Kinds(Site site, bool hasClocks)
    {
        var possible = FaultMaker.Possible(site, hasClocks).ToList();
        var left = Enum.GetValues<FaultKind>().Except(possible).ToList();
        if (left.Count > 0)
            Say($"this machine does not allow {string.Join(", ", left)}");
        return _options.Only.Count == 0
            ? possible
            : [.. possible.Where(kind => _options.Only.Contains(kind.ToString()))];
    }

    private async Task DisturbAsync(
        Cluster cluster, Workload workload, FaultMaker maker, IReadOnlyList<FaultKind> kinds)
    {
        var since = Stopwatch.GetTimestamp();
        foreach (var planned in Plan.Of(_options.Seed, kinds))
        {
            if (Stopwatch.GetElapsedTime(since).TotalMinutes >= _options.Minutes || _faults.Count > 0)
                return;
            var fault = await maker.MakeAsync(planned);
            Say(string.Create(CultureInfo.InvariantCulture, $"{planned}: {fault}"));
            await fault.InjectAsync();
            await Task.Delay(planned.Lasts);
            await fault.HealAsync();
            await RecoverAsync(cluster, workload, planned, fault);
            await Task.Delay(planned.Calm);
        }
    }

    private async Task RecoverAsync(Cluster cluster, Workload workload, PlannedFault planned, Fault fault)
    {
        var (since, healing) = (Recorder.Now, new Healing(workload.Recorder, _clock));
        var withheld = _clock.Withheld;
        var (written, unwritten) = await healing.WaitAsync(since, Topics.Written, WritableWithin);
        if (unwritten.Count > 0)
        {
            Fail($"{Names(unwritten)} took no writes within {WritableWithin.TotalSeconds} s after it was over that "
                + $"{fault}");
            await ExplainAsync(cluster, workload);
            var (later, never) = await healing.WaitAsync(since, unwritten, 3 * WritableWithin);
            Fail(never.Count > 0 ? $"{Names(never)} took none at all" : $"they did after {later.TotalSeconds:0} s");
        }

        var (copied, uncopied) = await healing.WaitAsync(since, Topics.Copied, CopiedWithin);
        if (uncopied.Count > 0)
        {
            Fail($"{Names(uncopied)} had no transaction within {CopiedWithin.TotalSeconds} s after it was over that "
                + $"{fault}");
            await ExplainAsync(cluster, workload);
        }

        if (fault is Stopped { IsLate: true })
            Fail($"it had to be killed, though {fault}");
        foreach (var server in cluster.Brokers.Concat<ServerProcess>(cluster.Keepers))
        {
            if (server.EndedWith is not { } code)
                continue;
            Fail($"{server.Node} ended with {code} by itself when {fault}:\n{server.Tail()}");
            server.Start();
        }

        _tally.Add(planned.Kind, written, copied);
        Say(string.Create(
            CultureInfo.InvariantCulture,
            $"healed: writes after {written.TotalSeconds:0.00} s, transactions after {copied.TotalSeconds:0.00} s"
                + $"{Busy(_clock.Withheld - withheld)}"));
    }

    private static string Busy(TimeSpan withheld) => withheld < TimeSpan.FromSeconds(1) ? "" : string.Create(
        CultureInfo.InvariantCulture, $"; the machine was busy for {withheld.TotalSeconds:0.0} s of that");

    /// <summary>Says all that may help whoever has nothing but what a run printed.</summary>
    private async Task ExplainAsync(Cluster cluster, Workload workload)
    {
        Say($"the machine has been busy for {_clock.Withheld.TotalSeconds:0} s so far");
        foreach (var line in await workload.DescribeAsync())
            Say(line);
        foreach (var line in Tails(cluster))
            Say(line);
    }

    private List<string> Judge(Cluster cluster, Workload workload, TimeSpan took, bool isReadToTheEnd)
    {
        var verdict = Verdict.Of(workload, isReadToTheEnd);
        _faults.AddRange(verdict.Faults);
        foreach (var line in _tally.Lines(took, workload.Recorder, verdict))
            Console.WriteLine(line);
        foreach (var line in workload.Errors())
            Console.WriteLine(line);

        if (_faults.Count > 0 || _options.Keeps)
        {
            cluster.KeepData();
            using var file = File.CreateText(Path.Combine(Home, "history.edn"));
            Edn.Write(workload.Recorder.History(isReadToTheEnd), file);
        }

        return _faults;
    }

    private static IEnumerable<string> Tails(Cluster cluster) =>
        cluster.Brokers.Select(static broker => $"{broker.Node}:\n{broker.Tail()}");

    private static string Names(IEnumerable<int> keys) =>
        string.Join(", ", keys.Select(static key => Topics.PartitionOf(key).ToString()));

    /// <inheritdoc/>
    public void Dispose() => _clock.Dispose();

    private void Fail(string why)
    {
        _faults.Add(why);
        Say($"FAULT {why}");
    }

    private void Say(string what) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(_began).TotalSeconds,7:0.0} {what}"));
}
