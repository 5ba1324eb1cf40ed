using Barnabas.Base;
using Barnabas.Groups;
using Barnabas.Groups.Classic;
using Barnabas.Journal;
using Barnabas.SimCluster;
using Barnabas.Tests.Simulation.Node;

namespace Barnabas.Tests.Simulation.Groups;

/// <summary>What every step of the world leaves true of the groups of a node.</summary>
/// <remarks>Looked at after every step, so cheap: a shard is judged when it has committed something, and held against
/// a replay of its log now and then.</remarks>
/// <param name="node">The node.</param>
/// <param name="readers">What is known of the group whose offsets only grow.</param>
/// <param name="readersName">That group.</param>
internal sealed class GroupChecks(SimulatedNode node, GroupLedger readers, string readersName)
{
    private const int StatesAReplay = 64;
    private static readonly TimeSpan LoadLag = TimeSpan.FromSeconds(1);
    private readonly Dictionary<Shard<GroupsState, GroupRecord>, GroupsState> _last = [];
    private TimeSpan _lastLoad;
    private int _states;

    /// <summary>True while a shard loads, and for so long afterwards that no answer from then is on its way.</summary>
    public bool IsLoading => node.World.Age - _lastLoad < LoadLag;

    /// <summary>Looks at all that has changed. Fails where a partition has two owners, or a thing goes back.</summary>
    public void Look()
    {
        if (node.Running is not { } running)
        {
            _last.Clear();
            _lastLoad = node.World.Age;
            return;
        }

        foreach (var shard in running.Broker.Groups.Shards)
            Look(shard);
    }

    /// <summary>Holds all shards against a replay of their logs.</summary>
    public void CompareWithReplay()
    {
        foreach (var shard in node.Running!.Broker.Groups.Shards.Where(static s => s.Check() == ErrorCode.None))
            GroupReplay.Compare(shard, node.Disk);
    }

    private void Look(Shard<GroupsState, GroupRecord> shard)
    {
        if (shard.Check() != ErrorCode.None)
        {
            _lastLoad = node.World.Age;
            return;
        }

        var now = shard.Committed;
        var before = _last.GetValueOrDefault(shard);
        if (ReferenceEquals(now, before))
            return;
        _last[shard] = now;
        foreach (var change in now.Groups.ChangesSince((before ?? GroupsState.Empty).Groups))
        {
            if (change.Key == readersName)
                Check(change.Before, change.After);
        }

        // Whatever was loaded is held against the log at once.
        if (before is null || ++_states % StatesAReplay == 0)
            GroupReplay.Compare(shard, node.Disk);
    }

    private void Check(Group? before, Group? after)
    {
        Assert.True(after is not null, "the group is gone, though nobody deleted it");
        foreach (var (partition, offset) in (before ?? after).Offsets)
        {
            Assert.True(
                after.Offsets.TryGetValue(partition, out var now) && now.Offset >= offset.Offset,
                $"{after.Id}: {partition} went back from {offset.Offset} by itself");
        }

        if (after.Membership is not ClassicGroup group)
            return;
        var generation = (before?.Membership as ClassicGroup)?.Generation ?? 0;
        Assert.True(
            group.Generation >= generation, $"{after.Id}: generation {generation} is followed by {group.Generation}");
        if (group.State != ClassicState.Stable)
            return;
        foreach (var (id, member) in group.Members)
        {
            foreach (var partition in GroupWire.PartitionsOf(member.Assignment))
                readers.Own(group.Generation, partition, member.InstanceId ?? id);
        }
    }
}
