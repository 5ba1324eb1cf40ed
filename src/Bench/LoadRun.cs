using System.Diagnostics;

namespace Barnabas.Bench;

/// <summary>Runs a load, looks at it each second, and sums it up.</summary>
/// <param name="load">The load; its connections are open.</param>
/// <param name="window">The window the load was made with.</param>
/// <param name="servers">The processes of brokers that run on this machine.</param>
public sealed class LoadRun(ILoad load, RunWindow window, IReadOnlyList<int> servers)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly string _name = load.Meters[0].Name;
    private readonly List<Sample> _series = [];
    private Histogram _before = new();
    private Tally _done;
    private long _looked;

    /// <summary>Called as the run begins to count, and as it ends; null for nobody.</summary>
    public Func<Task>? Look { get; init; }

    /// <summary>Runs until the window closes, or the load is done, and all that was sent is answered.</summary>
    /// <param name="warmUp">How long it runs before it counts.</param>
    /// <param name="duration">How long it counts.</param>
    /// <param name="tell">Told of each second as it has passed; null for nobody.</param>
    /// <param name="stop">Ends the run early, which is no fault: what was done is summed up.</param>
    public async Task<Measurement> RunAsync(
        TimeSpan warmUp, TimeSpan duration, Action<Sample>? tell, CancellationToken stop)
    {
        var crew = new Crew(window);
        load.Man(crew);
        window.Open(warmUp, duration);
        await using var stopping = stop.Register(window.Stop);
        _looked = window.Start;
        var from = Snapshot.Take(default, window.Start, servers);
        crew.Start();
        await LookUntilAsync(window.From, crew, tell);
        if (Look is not null)
            await Look();
        // What is over before it counts counts as a whole.
        if (!crew.Done.IsCompleted)
            from = Snapshot.Take(_done, _looked, servers);
        await LookUntilAsync(window.End, crew, tell);
        var to = Snapshot.Take(_done, _looked, servers);
        if (Look is not null)
            await Look();
        await crew.Done;
        return new Measurement
        {
            Time = Stopwatch.GetElapsedTime(from.At, to.At),
            Done = to.Done - from.Done,
            Latencies = Latencies(),
            Server = from.Server is { } before && to.Server is { } after ? (before, after) : null,
            Client = (from.Client, to.Client),
            Allocated = to.Allocated - from.Allocated,
            Series = _series,
        };
    }

    private async Task LookUntilAsync(long end, Crew crew, Action<Sample>? tell)
    {
        while (_looked < end && !crew.Done.IsCompleted)
        {
            var left = Stopwatch.GetElapsedTime(_looked, end);
            await Task.WhenAny(crew.Done, Task.Delay(left < Interval ? left : Interval));
            LookAt(tell);
        }
    }

    private void LookAt(Action<Sample>? tell)
    {
        var now = Stopwatch.GetTimestamp();
        var (done, latency) = (default(Tally), new Histogram());
        foreach (var meter in load.Meters.Where(meter => meter.Name == _name))
        {
            done += meter.Tally;
            latency.Add(meter.Latency);
        }

        var sample = new Sample(
            Stopwatch.GetElapsedTime(window.Start, now), Stopwatch.GetElapsedTime(_looked, now), done - _done,
            latency.Since(_before));
        (_done, _before, _looked) = (done, latency, now);
        _series.Add(sample);
        tell?.Invoke(sample);
    }

    private List<(string Name, Histogram Latency)> Latencies()
    {
        var latencies = new List<(string Name, Histogram Latency)>();
        foreach (var group in load.Meters.GroupBy(static meter => meter.Name))
        {
            var sum = new Histogram();
            foreach (var meter in group)
                sum.Add(meter.Latency);
            latencies.Add((group.Key, sum));
        }

        return latencies;
    }

    private readonly record struct Snapshot(
        Tally Done, long At, ProcessUsage? Server, ProcessUsage Client, long Allocated)
    {
        public static Snapshot Take(Tally done, long at, IReadOnlyList<int> servers) => new(
            done, at, ProcessUsage.Read(servers), ProcessUsage.Read(Environment.ProcessId) ?? default,
            GC.GetTotalAllocatedBytes());
    }
}
