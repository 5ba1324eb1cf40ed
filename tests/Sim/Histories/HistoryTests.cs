using System.Globalization;
using Barnabas.Tests.Simulation.Groups;
using Barnabas.Tests.Simulation.Transactions;

namespace Barnabas.Tests.Simulation.Histories;

/// <summary>Random histories of the whole node, one a seed and kind.</summary>
public sealed class HistoryTests
{
    /// <summary>How many histories of topics are tried.</summary>
    private static readonly int Seeds = Setting("BARNABAS_SIM_SEEDS") ?? 2000;

    /// <summary>How many histories of groups are: each takes as long as several of the others.</summary>
    private static readonly int GroupSeeds = Math.Max(Seeds / 4, 1);

    /// <summary>How many histories of transactions are.</summary>
    private static readonly int TransactionSeeds = Math.Max(Seeds / 40, 1);

    /// <summary>The one seed that is wanted; null for all.</summary>
    private static readonly int? Wanted = Setting("BARNABAS_SIM_SEED");

    [Fact]
    public void Whatever_happens_what_clients_were_told_is_true()
    {
        var (acknowledged, seen) = (0L, 0L);
        var tally = ForSeeds(Seeds, static seed => new TopicHistory(seed), history =>
        {
            Interlocked.Add(ref acknowledged, history.Partitions.Sum(static partition => partition.Acknowledged));
            Interlocked.Add(ref seen, history.Partitions.Sum(static partition => partition.Seen));
        });
        Console.WriteLine($"{tally}, {acknowledged} records acknowledged, {seen} known to be there");
        Assert.True(Wanted is not null || acknowledged > 100 * Seeds, "too little happened to prove anything");
    }

    [Fact]
    public void Whatever_happens_groups_lose_nothing_and_give_a_partition_to_one_member()
    {
        var (commits, generations, kept) = (0L, 0L, 0L);
        var tally = ForSeeds(GroupSeeds, static seed => new GroupHistory(seed), history =>
        {
            Interlocked.Add(ref commits, history.Readers.Commits);
            Interlocked.Add(ref generations, history.Readers.Generation);
            Interlocked.Add(ref kept, history.Kept.Sum(static register => register.Acknowledged));
        });
        Console.WriteLine($"{tally}, {generations} generations, {commits} commits of members, {kept} of others");
        var isTame = generations < 5 * GroupSeeds || commits < 10 * GroupSeeds || kept < 10 * GroupSeeds;
        Assert.True(Wanted is not null || !isTame, "too little happened to prove anything");
    }

    [Fact]
    public void Whatever_happens_a_transaction_is_read_whole_or_not_at_all()
    {
        var (begun, ended) = (0L, 0L);
        var tally = ForSeeds(TransactionSeeds, static seed => new TransactionHistory(seed), history =>
        {
            Interlocked.Add(ref begun, history.Ledger.Begun);
            Interlocked.Add(ref ended, history.Ledger.Ended);
        });
        Console.WriteLine($"{tally}, {begun} transactions, {ended} ends acknowledged");
        Assert.True(Wanted is not null || ended > 20 * TransactionSeeds, "too little happened to prove anything");
    }

    [Fact]
    public void A_seed_tells_the_same_history_each_time()
    {
        for (var seed = 1; seed <= 3; seed++)
        {
            Assert.Equal(Run(new TopicHistory(seed), seed), Run(new TopicHistory(seed), seed));
            Assert.Equal(Run(new GroupHistory(seed), seed), Run(new GroupHistory(seed), seed));
            Assert.Equal(Run(new TransactionHistory(seed), seed), Run(new TransactionHistory(seed), seed));
        }
    }

    private static string ForSeeds<T>(int seeds, Func<int, T> begin, Action<T> count)
        where T : History
    {
        var (crashes, stops, faults, steps) = (0, 0, 0, 0L);
        Workers.ForEach(Wanted ?? 1, Wanted is null ? seeds : 1, seed =>
        {
            var history = begin(seed);
            Run(history, seed);
            Interlocked.Add(ref crashes, history.Tally.Crashes);
            Interlocked.Add(ref stops, history.Tally.Stops);
            Interlocked.Add(ref faults, history.Tally.DiskFaults);
            Interlocked.Add(ref steps, history.World.Steps);
            count(history);
        });
        var isTame = crashes < seeds || stops == 0 || faults < seeds;
        Assert.True(Wanted is not null || !isTame, "too little happened to prove anything");
        return $"{steps} steps, {crashes} crashes, {stops} stops, {faults} faults of the disk";
    }

    private static ulong Run(History history, int seed)
    {
        try
        {
            history.Run();
            return history.World.Trace;
        }
        catch (Exception fault)
        {
            throw new InvalidOperationException(
                $"{history.GetType().Name} {seed}, after {history.World.Age}: {fault.Message}\n"
                + $"to see it again: ./test sim --seed {seed}",
                fault);
        }
    }

    private static int? Setting(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : null;
}
