using System.Globalization;

namespace Barnabas.Tests.Simulation.Histories;

/// <summary>Random histories of the whole node, one a seed.</summary>
public sealed class HistoryTests
{
    private static readonly int Seeds = Setting("BARNABAS_SIM_SEEDS", 2000);
    private static readonly int First = Setting("BARNABAS_SIM_SEED", 1);

    [Fact]
    public void Whatever_happens_what_clients_were_told_is_true()
    {
        var (crashes, stops, faults, acknowledged, seen, steps) = (0, 0, 0, 0L, 0L, 0L);
        Workers.ForEach(First, First == 1 ? Seeds : 1, seed =>
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
        Assert.True(First != 1 || (crashes > 0 && stops > 0 && faults > 0 && acknowledged > 0), "nothing happened");
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

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : otherwise;
}
