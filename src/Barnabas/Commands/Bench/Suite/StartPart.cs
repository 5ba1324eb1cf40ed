using Barnabas.Bench;

namespace Barnabas.Cli.Commands;

/// <summary>From the start of the process to the first answer, and what a node takes that has nothing to
/// do.</summary>
internal sealed class StartPart : ISuitePart
{
    // By then a node has given back what the start alone needed, and the runtime has let its threads rest.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    // A start is short, and what else the machine does shows in it.
    private const int StartsARound = 5;

    /// <inheritdoc/>
    public string Name => "start";

    /// <inheritdoc/>
    public async Task RunAsync(SuiteContext suite, CancellationToken stop)
    {
        var starts = new List<double>();
        for (var last = suite.Rounds * StartsARound - 1; last >= 0; last--)
        {
            await using var broker = new LocalBroker(suite.NewDirectory());
            starts.Add(broker.Start().TotalMilliseconds);
            if (last == 0)
                await LookAsync(suite, broker, stop);
        }

        suite.Add(new(Name, "start, empty", "ms to the first answer", Trial.Median(starts), Bound.AtMost(100)));
    }

    private async Task LookAsync(SuiteContext suite, LocalBroker broker, CancellationToken stop)
    {
        await Task.Delay(Settling, stop);
        if (ProcessUsage.Read(broker.Process) is not { } before)
            return;
        await Task.Delay(Quiet, stop);
        if (ProcessUsage.Read(broker.Process) is not { } after)
            return;
        var switches = Math.Max(0, after.Switches - before.Switches) / Quiet.TotalSeconds;
        suite.Add(new(Name, "idle", "resident MiB", after.Resident / (double)(1 << 20), Bound.AtMost(45)));
        suite.Add(new(Name, "idle", "context switches/s", switches, Bound.AtMost(0)));
    }
}
