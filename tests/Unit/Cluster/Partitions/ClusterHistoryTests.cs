using Barnabas.Base;
using Barnabas.Cluster;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Cluster.Partitions;

/// <summary>What holds of every partition after every step of a random history of a cluster.</summary>
public sealed class ClusterHistoryTests
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public void Partitions_stay_whole_whatever_brokers_do(bool eligible, bool unclean) =>
        Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed => Hold(seed, eligible, unclean))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    // The last who was eligible comes back from a crash, or is unregistered, and the last leader is elected in the same
    // breath.
    [Theory]
    [InlineData(412881163, true, false)]
    [InlineData(24088024, true, false)]
    public void Histories_that_were_found_stay_good(int seed, bool eligible, bool unclean) =>
        Hold(seed, eligible, unclean);

    private static void Hold(int seed, bool eligible, bool unclean)
    {
        var history = ClusterHistory.Run(seed, 80, eligible, unclean, (story, before) =>
        {
            foreach (var (name, topic) in story.State.Topics)
            {
                foreach (var (index, partition) in topic.Partitions)
                {
                    var was = before.FindPartition(new(name, index));
                    var fault = FaultOf(story, was, partition) ?? MoveFault(story, (name, index), was, partition);
                    Assert.True(fault is null, $"seed {seed}: {fault}: {name}-{index} {story.Step}: "
                        + $"{was?.Short()} became {partition.Short()}");
                }
            }

            CheckIndex(story.State);
        });
        var replayed = Sample.Replay(history.Records);
        Assert.Equal(StateText.Of(history.State), StateText.Of(replayed));
        CheckIndex(replayed);
    }

    private static string? FaultOf(ClusterHistory story, PartitionState? was, PartitionState now)
    {
        var leads = now.Leader != BrokerId.None;
        if (leads && !now.Isr.Contains(now.Leader))
            return "the leader is not in sync with itself";
        if (leads && !story.State.IsActive(now.Leader))
            return "a broker leads that is fenced, stops or is not there";
        if (!now.Isr.All(now.Replicas.Contains) || !now.Elr.All(now.Replicas.Contains))
            return "in sync or eligible without a replica";
        if (now.Isr.Intersect(now.Elr).Any())
            return "both in sync and eligible";
        if (now.Isr.Length >= 2 && !now.Elr.IsEmpty)
            return "eligible though enough are in sync";
        if (now.LastKnownElr.Length > 1 || (leads && !now.LastKnownElr.IsEmpty))
            return "a last leader is remembered though there is one, or more than one";
        if (now.Directories.Length != now.Replicas.Length || now.Replicas.Distinct().Count() != now.Replicas.Length)
            return "replicas and directories do not match";
        return was is null ? null : StepFault(story, was, now);
    }

    private static string? StepFault(ClusterHistory story, PartitionState was, PartitionState now)
    {
        var leads = now.Leader != BrokerId.None;
        var epochs = now.LeaderEpoch.Value - was.LeaderEpoch.Value;
        var changes = now.PartitionEpoch - was.PartitionEpoch;
        if (epochs < 0 || changes < epochs || (changes == 0 && was.Short() != now.Short()))
            return "epochs do not count the changes";
        if (was.Leader != now.Leader && epochs == 0)
            return "another leader in the same epoch";

        // Everything committed is on all of the ISR, on all who are eligible, and on whom a leader says is in sync.
        var told = story.Step.StartsWith("altered", StringComparison.Ordinal) ? now.Isr : [];
        var holds = was.Isr.Concat(was.Elr).Concat(told).ToList();
        if (leads && was.Leader != now.Leader && !holds.Contains(now.Leader)
            && now.RecoveryState != LeaderRecoveryState.Recovering)
        {
            return "elected a replica that may lack records, and did not say so";
        }

        // Whoever comes back from a crash may have lost some of it, and is eligible no more; nor is who was
        // unregistered.
        var wasLastKnown = was.LastKnownElr.Contains(now.Leader)
            && holds.TrueForAll(id => story.Step == $"registered {id} after -1" || story.Step == $"forgot {id}");
        if (leads && was.Leader != now.Leader && !holds.Contains(now.Leader) && !wasLastKnown && !story.AllowsUnclean)
            return "unclean leader";
        return null;
    }

    private static string? MoveFault(
        ClusterHistory story, (string, int) key, PartitionState? was, PartitionState now)
    {
        var ended = was is { IsReassigning: true } && !now.IsReassigning;
        if (!ended || !story.Goals.TryGetValue(key, out var goal) || goal.Count == 0)
            return null;
        if (!now.Replicas.SequenceEqual(goal))
            return "a reassignment ended elsewhere";
        return goal.All(now.Isr.Contains) || !story.Step.StartsWith("altered", StringComparison.Ordinal)
            ? null
            : "a reassignment ended before its replicas were in sync";
    }

    /// <summary>What the index gives is what one finds by looking at all partitions.</summary>
    private static void CheckIndex(ClusterState state)
    {
        var all = state.Topics
            .SelectMany(topic => topic.Value.Partitions.Select(
                partition => new HeldPartition(topic.Value, partition.Key, partition.Value)))
            .ToList();
        for (var id = 1; id <= 6; id++)
        {
            var broker = new BrokerId(id);
            Same(all.Where(partition => partition.State.Replicas.Contains(broker)), state.HeldBy(broker));
        }

        Same(all.Where(partition => partition.State.IsReassigning), state.Reassigning());
        Same(all.Where(partition => partition.State.Leader != partition.State.Replicas[0]), state.Imbalanced());
    }

    private static void Same(IEnumerable<HeldPartition> expected, IEnumerable<HeldPartition> found) => Assert.Equal(
        expected.Select(partition => (partition.Topic.Name, partition.Index)).Order(),
        found.Select(partition => (partition.Topic.Name, partition.Index)).Order());
}
