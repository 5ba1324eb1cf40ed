using Barnabas.Base;

namespace Barnabas.Tests.Simulation.Cluster;

/// <summary>Planted bugs that random histories of a whole cluster catch, though none looks for just that bug.</summary>
/// <remarks>All of them, and those that take more chance than this, have a check of their own in
/// <see cref="Planted.PlantedBugTests"/>.</remarks>
public sealed class ClusterPlantedTests
{
    private const int MostSeeds = 150;

    public static TheoryData<string> Caught() =>
    [
        nameof(PlantedBug.WatermarkIgnoresFollower), nameof(PlantedBug.MinIsrUnchecked),
        nameof(PlantedBug.CutAtOwnWatermark), nameof(PlantedBug.DivergenceIgnored),
        nameof(PlantedBug.ReassignmentEndsEarly), nameof(PlantedBug.UncleanNotAsked),
        nameof(PlantedBug.FencedLeaderElected), nameof(PlantedBug.ProducerIdsForgotten),
        nameof(PlantedBug.CleanShutdownKept), nameof(PlantedBug.ReplayBeginsLate),
        nameof(PlantedBug.CommitAnsweredEarly), nameof(PlantedBug.StableOffByOne),
        nameof(PlantedBug.AbortedListCutShort), nameof(PlantedBug.PreparedForgotten),
        nameof(PlantedBug.TransactionTimeoutForgotten), nameof(PlantedBug.OldTransactionEnded),
        nameof(PlantedBug.MarkerOfOldEpoch), nameof(PlantedBug.SessionDropsRecords),
        nameof(PlantedBug.ReadBeyondWatermark), nameof(PlantedBug.WatermarkBeforeSync),
        nameof(PlantedBug.AnsweredBeforeSync), nameof(PlantedBug.DuplicateAnsweredEarly),
        nameof(PlantedBug.SyncSkipped), nameof(PlantedBug.DuplicateWindowOfFour),
    ];

    [Theory]
    [MemberData(nameof(Caught))]
    public void A_history_of_a_cluster_catches_it(string name)
    {
        var bug = Enum.Parse<PlantedBug>(name);
        // Without a bug these seeds break no promise: that is ClusterHistoryTests.
        for (var seed = 1; seed <= MostSeeds; seed++)
        {
            if (Barnabas.SimCluster.Simulation.Run(new() { Seed = seed }, host => host with { Planted = bug })
                .Violation is { } found)
            {
                Console.WriteLine($"{name}, seed {seed}: {found.Split('\n')[0]}");
                return;
            }
        }

        Assert.Fail($"{name} goes unnoticed in {MostSeeds} histories");
    }
}
