using System.Globalization;

namespace Barnabas.Tests.Simulation.Histories;

/// <summary>Random histories of the whole node, one a seed.</summary>
public sealed class HistoryTests
{
    /// <summary>How many histories are tried.</summary>
    private static readonly int Seeds = Setting("BARNABAS_SIM_SEEDS") ?? 2000;

    /// <summary>The one history that is wanted; null for all.</summary>
    private static readonly int? Wanted = Setting("BARNABAS_SIM_SEED");

    [Fact]
    public void Whatever_happens_what_clients_were_told_is_true()
    {
        var (crashes, stops, faults, acknowledged, seen, steps) = (0, 0, 0, 0L, 0L, 0L);
        Workers.ForEach(Wanted ?? 1, Wanted is null ? Seeds : 1, seed =>
        {
            var history = Run(seed);
            Interlocked.Add(ref crashes, history.Tally.Crashes);
            Interlocked.Add(ref stops, history.Tally.Stops);
            Interlocked.Add(ref faults, history.Tally.DiskFaults);
            Interlocked.Add(ref acknowledged, history.Partitions.Sum(static partition => partition.Acknowledged));
            Interlocked.Add(ref seen, history.Partitions.Sum(static partition => partition.Seen));
            Interlocked.Add(ref steps, history.World.Steps);
        });
        Console.WriteLine(
            $"{steps} steps, {crashes} crashes, {stops} stops, {faults} faults of the disk, "
            + $"{acknowledged} records acknowledged, {seen} known to be there");
        var isTame = crashes < Seeds || stops == 0 || faults < Seeds || acknowledged < 100 * Seeds;
        Assert.True(Wanted is not null || !isTame, "too little happened to prove anything");
    }

    [Fact]
    public void A_seed_tells_the_same_history_each_time()
    {
        for (var seed = 1; seed <= 3; seed++)
            Assert.Equal(Run(seed).World.Trace, Run(seed).World.Trace);
    }

    private static History Run(int seed)
    {
        var history = new History(seed);
        try
        {
            history.Run();
            return history;
        }
        catch (Exception fault)
        {
            throw new InvalidOperationException(
                $"seed {seed}, after {history.World.Age}: {fault.Message}\nto see it again: ./test sim --seed {seed}",
                fault);
        }
    }

    private static int? Setting(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : null;
}
