using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Log;
using Microsoft.Extensions.Logging;

namespace Barnabas.Replication;

public sealed partial class Replicas
{
    private static readonly TimeSpan FirstAssignPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestAssignPause = TimeSpan.FromSeconds(10);
    private readonly Dictionary<(TopicId Topic, int Partition), Uuid> _unassigned = [];

    /// <summary>Partitions for which no directory had room: they are offline until one has.</summary>
    private readonly HashSet<(TopicId Topic, int Partition)> _homeless = [];
    private bool _assigning;
    private bool _isClosed;

    /// <summary>Tells the cluster in which directories replicas are (KIP-858); null where nobody keeps book. Called on
    /// the lane of the replicas or of the moves.</summary>
    public Func<IReadOnlyList<DirectoryAssignment>, Task<ErrorCode>>? AssignDirectories { get; set; }

    /// <summary>Sees to it that the cluster knows where a replica is.</summary>
    private void Account(TopicId topic, int index, Partition partition, PartitionState state)
    {
        if (!_homes.TryGetValue(partition, out var home) || home.Meta.DirectoryId is not { } directory)
            return;
        var known = state.DirectoryOf(_self);
        // A replica about to move is booked where it goes.
        if (known == directory
            || (_moves.TryGetValue(partition, out var move) && move.Target.Meta.DirectoryId == known))
        {
            return;
        }

        Assign(topic, index, directory);
    }

    private void Assign(TopicId topic, int index, Uuid directory)
    {
        _unassigned[(topic, index)] = directory;
        if (!_assigning)
            Assign();
    }

    // Not awaited by what changes here: that need not wait for the metadata log once more. What the cluster has not
    // heard is said again, as long as nothing else is to be said of the same replica.
    private async void Assign()
    {
        _assigning = true;
        var pause = FirstAssignPause;
        while (_unassigned.Count > 0 && AssignDirectories is { } assign)
        {
            var assignments = _unassigned
                .Select(entry => new DirectoryAssignment(entry.Key.Topic, entry.Key.Partition, entry.Value)).ToList();
            _unassigned.Clear();
            var error = await assign(assignments);
            if (error == ErrorCode.None)
            {
                pause = FirstAssignPause;
                continue;
            }

            SayNotAssigned(_log, assignments.Count, error);
            foreach (var (topic, index, directory) in assignments)
                _unassigned.TryAdd((topic, index), directory);
            await Task.Delay(pause, _host.Time);
            pause = TimeSpan.FromTicks(Math.Min(2 * pause.Ticks, LongestAssignPause.Ticks));
            Withdraw();
        }

        _assigning = false;
    }

    /// <summary>Forgets what need not be said any more: what the cluster knows, or has given to others.</summary>
    private void Withdraw()
    {
        foreach (var ((topic, index), directory) in _unassigned.ToList())
        {
            var isOurs = _state.TryGetTopic(topic, out var known)
                && known.Partitions.TryGetValue(index, out var partition)
                && partition.Replicas.Contains(_self) && partition.DirectoryOf(_self) != directory;
            if (_isClosed || !isOurs)
                _unassigned.Remove((topic, index));
        }
    }

    /// <summary>Where a partition goes that has no log here yet: where the cluster has it, where somebody wished it, or
    /// where there are the fewest.</summary>
    /// <param name="name">The partition.</param>
    /// <param name="wanted">What the cluster decided about it.</param>
    /// <param name="full">Directories that had no room for it.</param>
    /// <returns>Null where no directory can take it, or where it is in one that is not here: an empty log must not
    /// stand in for it.</returns>
    private LogDirectory? PlaceFor(
        TopicPartition name, PartitionState wanted, IReadOnlyCollection<LogDirectory> full)
    {
        if (wanted.DirectoryOf(_self) is { IsReserved: false } assigned)
        {
            var known = _directories.Online.FirstOrDefault(directory => directory.Meta.DirectoryId == assigned);
            // Nor for a copy that was on its way when its log was lost: only people know whether that comes back.
            if (known is not null && !known.UnfinishedCopies.Contains(name))
                return full.Contains(known) ? null : known;
            if (!MayBeginAnew(wanted))
            {
                SayMissing(_log, name, assigned);
                return null;
            }
        }

        // Its log is lost, as the cluster was told before this start; or it may be in a directory that could not be
        // opened.
        var isLost = wanted.DirectoryOf(_self) == Uuid.LostDirectory && !MayBeginAnew(wanted);
        if (isLost || WasThereAtStart(name))
        {
            SayMissing(_log, name, wanted.DirectoryOf(_self) ?? Uuid.Zero);
            return null;
        }

        return _wishes.Remove(name, out var wish) && !wish.IsOffline ? wish : _directories.ForNewPartition(full);
    }

    /// <summary>Tries again to place partitions for which no directory had room.</summary>
    private async Task PlaceHomelessAsync()
    {
        foreach (var (id, index) in _homeless.ToList())
        {
            _homeless.Remove((id, index));
            var state = _state;
            if (!state.TryGetTopic(id, out var topic) || !topic.Partitions.TryGetValue(index, out var wanted)
                || !wanted.Replicas.Contains(_self))
            {
                continue;
            }

            var partition = await CreateAsync(state, topic, index, wanted);
            if (_homeless.Contains((id, index)))
                return;
            await partition.AssignAsync(wanted);
            FollowOrLeave(partition, wanted.Leader);
            Account(id, index, partition, wanted);
        }
    }

    /// <summary>True for a partition older than this start, unless its topic was made anew since.</summary>
    private bool WasThereAtStart(TopicPartition name) =>
        _stateAtStart.Topics.TryGetValue(name.Topic, out var then) && then.Partitions.ContainsKey(name.Partition)
        && _state.Topics.TryGetValue(name.Topic, out var now) && then.Id == now.Id;

    /// <summary>Drops what an earlier run has copied of a partition that is being deleted.</summary>
    private async Task DropCopiesAsync(TopicPartition name)
    {
        foreach (var directory in _directories.Online.Where(d => d.UnfinishedCopies.Contains(name)).ToList())
        {
            await TryAsync(directory, () => _host.Lanes.RunBlockingAsync(() =>
            {
                directory.DropUnfinishedCopy(name);
                return true;
            }));
        }
    }

    /// <summary>Of logs of one partition in several directories, which a crash in the middle of a move leaves, the one
    /// that goes on; the others, of which it has all, are deleted.</summary>
    private async Task<List<(LogDirectory Directory, LoadedPartition Loaded)>> ChooseAsync(
        ClusterState state, IReadOnlyList<(LogDirectory Directory, LoadedPartition Loaded)> found)
    {
        var chosen = new List<(LogDirectory Directory, LoadedPartition Loaded)>();
        foreach (var same in found.GroupBy(entry => entry.Loaded.Partition))
        {
            var assigned = state.FindPartition(same.Key)?.DirectoryOf(_self);
            var best = same
                .OrderByDescending(entry => entry.Loaded.Log?.View.Epochs.Latest ?? LeaderEpoch.None)
                .ThenByDescending(entry => entry.Loaded.Log?.View.End ?? Offset.None)
                .ThenByDescending(entry => entry.Directory.Meta.DirectoryId == assigned)
                .First();
            chosen.Add(best);
            foreach (var (directory, loaded) in same.Where(entry => entry != best))
                await RemoveTwinAsync(directory, loaded, best.Loaded.Log);
        }

        return chosen;
    }

    private async Task RemoveTwinAsync(LogDirectory directory, LoadedPartition twin, PartitionLog? kept)
    {
        if (twin.Log is not { } log)
            return;
        try
        {
            await log.CloseAsync(clean: true);
            if (log.View.End <= kept?.View.End && log.TopicId == kept.TopicId)
            {
                SayTwinDeleted(_log, log.Directory, kept.Directory);
                directory.Delete(log);
            }
            else
            {
                SayTwinAside(_log, twin.Partition, directory.SetAside(log));
            }
        }
        catch (IOException fault)
        {
            FailDirectory(directory, fault);
        }
    }

    [LoggerMessage(LogLevel.Error, "{Partition} has no log here, but the cluster has it in {Directory}: it is offline")]
    private static partial void SayMissing(ILogger log, TopicPartition partition, Uuid directory);

    [LoggerMessage(LogLevel.Warning, "The cluster did not take note of the directories of {Count} replicas: {Error}")]
    private static partial void SayNotAssigned(ILogger log, int count, ErrorCode error);

    [LoggerMessage(LogLevel.Information, "Deleting {Path}: a move was cut short, and {Kept} has all of it")]
    private static partial void SayTwinDeleted(ILogger log, string path, string kept);

    [LoggerMessage(LogLevel.Warning, "{Partition} is in another directory too; this one is set aside as {Path}")]
    private static partial void SayTwinAside(ILogger log, TopicPartition partition, string path);
}

/// <summary>In which log directory a replica is.</summary>
/// <param name="Topic">The topic's id.</param>
/// <param name="Partition">The partition's index.</param>
/// <param name="Directory">The directory's id.</param>
public readonly record struct DirectoryAssignment(TopicId Topic, int Partition, Uuid Directory);
