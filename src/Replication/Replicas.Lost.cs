using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Log;
using Microsoft.Extensions.Logging;

namespace Barnabas.Replication;

/// <remarks>A replica whose log is damaged, or in a directory that is not here, is not put in the place of one that has
/// what was committed: the cluster is told that it is lost, and it begins anew, empty, only once nobody counts on
/// it.</remarks>
public sealed partial class Replicas
{
    /// <summary>Where logs lie that are damaged, and those logs that were open, which are closed now.</summary>
    private readonly Dictionary<(TopicId Topic, int Partition), (LogDirectory Directory, PartitionLog? Log)>
        _damaged = [];

    /// <summary>Partitions known to be damaged that nobody else could serve.</summary>
    private readonly HashSet<Partition> _kept = [];

    private void OnDamaged(Partition partition, Offset at) => Enqueue(() => LoseAsync(partition, at));

    /// <summary>Gives up a replica that was found to be damaged, where another in sync has what was committed. One that
    /// is the last goes on serving what of it is whole.</summary>
    private async Task LoseAsync(Partition partition, Offset at)
    {
        var (topicId, name) = (partition.View.TopicId, partition.View.Name);
        if (!_homes.TryGetValue(partition, out var directory) || !_state.TryGetTopic(topicId, out var topic)
            || !topic!.Partitions.TryGetValue(name.Partition, out var state))
        {
            return;
        }

        if (state.Isr.All(replica => replica == _self))
        {
            if (_kept.Add(partition))
                SayKept(_log, name, at);
            return;
        }

        SayLost(_log, name, at);
        _followers.Leave(partition);
        if (_moves.TryGetValue(partition, out var move))
            await CancelAsync(move);
        await _compactor.StopAsync(partition);
        _compactor.Forget(partition);
        var log = await partition.GiveUpAsync();
        _homes.Remove(partition);
        _directories.Left(directory);
        _damaged[(topicId, name.Partition)] = (directory, log);
        var restored = await RestoreAsync(_state, topic, name.Partition, partition, state);
        if (restored == partition)
            return;
        await restored.AssignAsync(state);
        FollowOrLeave(restored, state.Leader);
        Account(topicId, name.Partition, restored, state);
    }

    private bool HasLog(Partition partition) => _homes.ContainsKey(partition);

    /// <summary>Begins a replica anew whose log is lost, where that can do no harm; else sees to it that the cluster
    /// knows.</summary>
    /// <returns>The replica as it is here from now on.</returns>
    private async Task<Partition> RestoreAsync(
        ClusterState state, TopicState topic, int index, Partition lost, PartitionState wanted)
    {
        if (wanted.Replicas.Length == 1 || _homeless.Contains((topic.Id, index)))
            return lost;
        if (MayBeginAnew(wanted))
        {
            if (!await SetDamagedAsideAsync(topic.Id, index))
                return lost;
            SayBegunAnew(_log, lost.View.Name);
            return await CreateAsync(state, topic, index, wanted);
        }

        if (wanted.DirectoryOf(_self) != Uuid.LostDirectory)
            Assign(topic.Id, index, Uuid.LostDirectory);
        return lost;
    }

    // Whoever may be elected is taken to have all that was committed.
    private bool MayBeginAnew(PartitionState state) =>
        state.Replicas.Length > 1 && state.Leader != _self && !state.Isr.Contains(_self) && !state.Elr.Contains(_self)
        && !state.LastKnownElr.Contains(_self)
        // The log may be in the directory that cannot be opened now.
        && _directories.Failed.Count == 0 && _directories.All.All(directory => !directory.IsOffline);

    private async Task<bool> SetDamagedAsideAsync(TopicId topic, int index)
    {
        if (!_damaged.TryGetValue((topic, index), out var damaged) || Find(topic, index) is not { } partition)
            return true;
        var (directory, log) = damaged;
        var isAside = false;
        await TryAsync(directory, async () =>
        {
            var path = await _host.Lanes.RunBlockingAsync(() => log is null
                ? directory.SetAside(partition.View.Name)
                : directory.SetAside(log));
            SayAside(_log, partition.View.Name, path);
            isAside = true;
        });
        if (isAside)
            _damaged.Remove((topic, index));
        return isAside;
    }

    [LoggerMessage(LogLevel.Error, "{Partition} is damaged at offset {Offset}, and given up: other replicas have it")]
    private static partial void SayLost(ILogger log, TopicPartition partition, Offset offset);

    [LoggerMessage(
        LogLevel.Error, "{Partition} is damaged at offset {Offset}, and no other replica in sync could take its place")]
    private static partial void SayKept(ILogger log, TopicPartition partition, Offset offset);

    [LoggerMessage(LogLevel.Warning, "{Partition} begins anew here, and gets its records from its leader")]
    private static partial void SayBegunAnew(ILogger log, TopicPartition partition);

    [LoggerMessage(LogLevel.Warning, "The damaged log of {Partition} is set aside as {Path}")]
    private static partial void SayAside(ILogger log, TopicPartition partition, string path);
}
