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
    /// <summary>Where logs lie that are damaged.</summary>
    private readonly Dictionary<(TopicId Topic, int Partition), LogDirectory> _damaged = [];

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
        if (!_damaged.TryGetValue((topic, index), out var directory) || Find(topic, index) is not { } partition)
            return true;
        var isAside = false;
        await TryAsync(directory, async () =>
        {
            var path = await _host.Lanes.RunBlockingAsync(() => directory.SetAside(partition.View.Name));
            SayAside(_log, partition.View.Name, path);
            isAside = true;
        });
        if (isAside)
            _damaged.Remove((topic, index));
        return isAside;
    }

    [LoggerMessage(LogLevel.Warning, "{Partition} begins anew here, and gets its records from its leader")]
    private static partial void SayBegunAnew(ILogger log, TopicPartition partition);

    [LoggerMessage(LogLevel.Warning, "The damaged log of {Partition} is set aside as {Path}")]
    private static partial void SayAside(ILogger log, TopicPartition partition, string path);
}
