using System.Globalization;
using Barnabas.SimCluster;

namespace Barnabas.Tests.Simulation.Cluster;

/// <summary>Random histories of whole clusters, one a seed.</summary>
public sealed class ClusterHistoryTests
{
    /// <summary>How many histories are tried.</summary>
    private static readonly int Seeds = Setting("BARNABAS_SIM_SEEDS") ?? 2000;

    /// <summary>The one seed that is wanted; null for all.</summary>
    private static readonly int? Wanted = Setting("BARNABAS_SIM_SEED");

    /// <summary>What has to have happened somewhere: where it has not, histories are too tame.</summary>
    private static readonly string[] Expected =
        ["election", "shrunk", "grown", "truncation", "eligible leader replica", "reassignment", "offline replica"];

    [Fact]
    public void Whatever_happens_to_a_cluster_what_clients_were_told_is_true()
    {
        var (acknowledged, transactions, commits) = (0L, 0L, 0L);
        var injected = new SortedDictionary<FaultKind, int>();
        var marks = new SortedDictionary<string, int>(StringComparer.Ordinal);
        Workers.ForEach(Wanted ?? 1, Wanted is null ? Seeds : 1, seed =>
        {
            var report = Run(seed);
            lock (marks)
            {
                (acknowledged, transactions, commits) = (
                    acknowledged + report.Acknowledged, transactions + report.Transactions, commits + report.Commits);
                foreach (var (kind, count) in report.Injected)
                    injected[kind] = injected.GetValueOrDefault(kind) + count;
                foreach (var mark in report.Marks.Keys)
                    marks[mark] = marks.GetValueOrDefault(mark) + 1;
            }
        });
        Console.WriteLine(
            $"{acknowledged} records, {transactions} ends of transactions, {commits} commits; "
            + $"{string.Join(", ", injected.Select(static one => $"{one.Key} {one.Value}"))}; "
            + $"histories with {string.Join(", ", marks.Select(static one => $"{one.Key} {one.Value}"))}");
        if (Wanted is not null || Seeds < 100)
            return;
        Assert.Equal(FaultKinds.All.Select(static one => one.Kind), injected.Keys);
        Assert.DoesNotContain(Expected, mark => marks.GetValueOrDefault(mark) < Seeds / 100);
        Assert.True(acknowledged > 100 * Seeds && transactions > Seeds && commits > Seeds, "too little happened");
    }

    /// <summary>Histories that once found something.</summary>
    [Theory]
    [InlineData(92, "a topic deleted while a broker read its disk, and its namesake")]
    [InlineData(144, "the watermark of a follower that was told that logs part")]
    [InlineData(58, "who left the ISR by a decision that a broker took while it stopped")]
    [InlineData(163, "a session with the ensemble that was closed as a server greeted it")]
    [InlineData(2631, "the first batch of a producer, and a later one that met the next leader before it")]
    [InlineData(3325, "a follower that knew a watermark before its disk had the records, and was made the leader")]
    [InlineData(1218, "a follower that was stopped while it exchanged its connection to the leader")]
    [InlineData(584, "a leader that was deposed and followed with more than its disk had")]
    public void What_was_mended_stays_so(int seed, string what)
    {
        Assert.NotEmpty(what);
        Run(seed);
    }

    [Fact]
    public void A_seed_tells_the_same_history_of_a_cluster_each_time()
    {
        for (var seed = 1; seed <= 3; seed++)
            Assert.Equal(Run(seed).Digest, Run(seed).Digest);
    }

    private static SimulationReport Run(int seed)
    {
        var report = Barnabas.SimCluster.Simulation.Run(new SimulationOptions { Seed = seed });
        Assert.True(
            report.Violation is null,
            $"seed {seed}: {report.Violation}\nto see it again: ./barnabas sim --seed {seed} --trace");
        return report;
    }

    private static int? Setting(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : null;
}
