using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Log;
using Microsoft.Extensions.Logging;

namespace Barnabas.Replication;

public sealed partial class Replicas
{
    /// <summary>Logs made at a time.</summary>
    private const int MostBegun = 6;

    private async Task ApplyAsync(ClusterState before, ClusterState after)
    {
        var changed = new List<(TopicState Topic, TopicState? Before)>();
        if (ReferenceEquals(before, ClusterState.Empty) && _hosted.Count > 0)
            await RemoveGoneAsync(after);
        foreach (var topic in after.Topics.ChangesSince(before.Topics))
        {
            var isSame = topic.Before is not null && topic.After is not null && topic.Before.Id == topic.After.Id;
            if (topic.Before is { } gone && !isSame)
                await RemoveAsync(gone);
            if (topic.After is { } now)
                changed.Add((now, isSame ? topic.Before : null));
        }

        if (changed.Count > 0)
            await CreateNewAsync(after, changed);
        foreach (var (topic, old) in changed)
            await AssignAsync(after, topic, old);

        foreach (var name in ConfiguredTopics(before, after))
            Configure(after, name);
        _followers.Respread();
    }

    /// <summary>Makes the logs of partitions that are new here. Each waits for the disk several times, and a disk that
    /// is waited for by many is hardly slower than by one.</summary>
    private async Task CreateNewAsync(
        ClusterState state, IReadOnlyList<(TopicState Topic, TopicState? Before)> changed)
    {
        var waiting = new Queue<(TopicState Topic, int Index, PartitionState Wanted)>();
        foreach (var (topic, before) in changed)
        {
            foreach (var change in ChangesOf(topic, before))
            {
                if (change.After is not { } wanted || !wanted.Replicas.Contains(_self))
                    continue;
                if (Find(topic.Id, change.Key) is null)
                    waiting.Enqueue((topic, change.Key, wanted));
            }
        }

        var begun = new List<Task>();
        while (begun.Count < MostBegun && waiting.Count > 0)
            begun.Add(CreateWaitingAsync());
        await Task.WhenAll(begun);

        async Task CreateWaitingAsync()
        {
            while (waiting.TryDequeue(out var next))
                await CreateAsync(state, next.Topic, next.Index, next.Wanted);
        }
    }

    private static IEnumerable<MapChange<int, PartitionState>> ChangesOf(TopicState topic, TopicState? before) =>
        topic.Partitions.ChangesSince(before?.Partitions ?? PersistentMap<int, PartitionState>.Empty());

    // What was found on disk and deleted before the first change was told: no change tells of it.
    private async Task RemoveGoneAsync(ClusterState now)
    {
        foreach (var ((topic, index), _) in _hosted.Where(p => !now.TryGetTopic(p.Key.Topic, out _)).ToList())
            await RemoveAsync(topic, index);
    }

    private async Task AssignAsync(ClusterState state, TopicState topic, TopicState? before)
    {
        var assigned = new List<Task>();
        var led = new List<(Partition Partition, BrokerId Leader)>();
        foreach (var change in ChangesOf(topic, before))
        {
            if (change.After is not { } wanted || !wanted.Replicas.Contains(_self))
            {
                await RemoveAsync(topic.Id, change.Key);
                continue;
            }

            var partition = Find(topic.Id, change.Key);
            Invariant.Holds(partition is not null, "what is new here was made before it is assigned");
            if (!HasLog(partition))
                partition = await RestoreAsync(state, topic, change.Key, partition, wanted);
            assigned.Add(partition.AssignAsync(wanted));
            led.Add((partition, wanted.Leader));
            Account(topic.Id, change.Key, partition, wanted);
        }

        foreach (var partition in assigned)
            await partition;
        // Asked for from where it stands as a follower: not before it is one.
        foreach (var (partition, leader) in led)
            FollowOrLeave(partition, leader);
    }

    private void FollowOrLeave(Partition partition, BrokerId leader)
    {
        if (leader == _self || leader == BrokerId.None || partition.View.Role == PartitionRole.Offline)
            _followers.Leave(partition);
        else
            _followers.Follow(partition, leader);
    }

    private async Task<Partition> CreateAsync(
        ClusterState state, TopicState topic, int index, PartitionState wanted)
    {
        var name = new TopicPartition(topic.Name, index);
        var full = new List<LogDirectory>();
        while (PlaceFor(name, wanted, full) is { } directory)
        {
            // Others are placed while this one is made.
            _directories.Joined(directory);
            try
            {
                var settings = Settings(state, topic.Name);
                var log = await _host.Lanes.RunBlockingAsync(() => directory.Create(name, topic.Id, settings));
                if (!directory.IsOffline)
                    return Host(state, topic, name, log, directory);
                await log.CloseAsync(clean: false);
            }
            catch (DiskFullException fault)
            {
                SayNoPlace(_log, name, directory.Path, fault.Message);
                full.Add(directory);
            }
            catch (IOException fault)
            {
                FailDirectory(directory, fault);
            }

            _directories.Left(directory);
        }

        if (full.Count > 0)
        {
            _homeless.Add((topic.Id, index));
            _watermarks.Note();
        }

        return Host(state, topic, name, null, null);
    }

    /// <summary>A log found on disk becomes a partition, unless the cluster no longer knows it.</summary>
    private async Task AdoptAsync(ClusterState state, LogDirectory directory, LoadedPartition found)
    {
        var isKnown = state.Topics.TryGetValue(found.Partition.Topic, out var topic)
            && state.FindPartition(found.Partition)?.Replicas.Contains(_self) == true
            && (found.Log?.TopicId is not { } id || id == topic.Id);
        if (isKnown)
        {
            if (found.Damage is { } damage)
            {
                SayDamaged(_log, found.Partition, damage.ToString());
                _damaged[(topic!.Id, found.Partition.Partition)] = (directory, null);
            }

            if (found.Log is not null)
                _directories.Joined(directory);
            Host(state, topic!, found.Partition, found.Log, directory);
            return;
        }

        if (found.Log is null)
            return;
        await found.Log.CloseAsync(clean: true);
        SayStray(_log, found.Partition, directory.SetAside(found.Log));
    }

    private Partition Host(
        ClusterState state, TopicState topic, TopicPartition name, PartitionLog? log, LogDirectory? directory)
    {
        var view = new PartitionView(
            name,
            topic.Id,
            log is null ? PartitionRole.Offline : PartitionRole.Follower,
            BrokerId.None,
            LeaderEpoch.None,
            Offset.Min(directory?.HighWatermarkOf(name) ?? Offset.Zero, log?.View.End ?? Offset.Zero),
            log?.View,
            _configs.Topic(state.Configs, name.Topic));
        var partition = new Partition(ContextOf(topic), log, view);
        _watermarks.Note();
        _hosted = _hosted.With((topic.Id, name.Partition), partition);
        if (directory is not null && log is not null)
        {
            _homes.Add(partition, directory);
            WakeUpkeep();
        }

        return partition;
    }

    // The partitions of a topic mostly come one after the other, and share it.
    private PartitionContext ContextOf(TopicState topic)
    {
        var traffic = Traffic.Of(topic.Id, topic.Name);
        if (_context?.Metrics.Topic != traffic)
        {
            var metrics = new PartitionMetrics(traffic, ReplicationTraffic, _flushes);
            _context = new(_host, _leaderTerms, _proposals, _watermarks, metrics, OnFailed, OnDamaged);
        }

        return _context;
    }

    private async Task RemoveAsync(TopicState topic)
    {
        Traffic.Retire(topic.Id);
        foreach (var (index, _) in topic.Partitions)
            await RemoveAsync(topic.Id, index);
    }

    /// <summary>A partition is here no longer, if it was: its topic was deleted, or it was reassigned.</summary>
    private async Task RemoveAsync(TopicId topic, int index)
    {
        _homeless.Remove((topic, index));
        _damaged.Remove((topic, index));
        if (Find(topic, index) is not { } partition)
            return;
        _followers.Leave(partition);
        if (_moves.TryGetValue(partition, out var move))
            await CancelAsync(move);
        await DropCopiesAsync(partition.View.Name);
        _hosted = _hosted.Without((topic, index));
        _kept.Remove(partition);
        var isHere = _homes.Remove(partition, out var directory);
        await _compactor.StopAsync(partition);
        _compactor.Forget(partition);
        if (directory is null || !isHere)
            return;
        _directories.Left(directory);
        try
        {
            if (await partition.CloseAsync(clean: false) is { } log)
                await DeleteAsync(directory, log);
        }
        catch (IOException fault)
        {
            FailDirectory(directory, fault);
        }
    }

    private void Configure(ClusterState state, string topicName)
    {
        if (!state.Topics.TryGetValue(topicName, out var topic))
            return;
        var config = _configs.Topic(state.Configs, topicName);
        foreach (var (index, _) in topic.Partitions)
            Find(topic.Id, index)?.Configure(config, Settings(state, topicName));
    }

    /// <summary>Topics whose configs may have changed: all of them when what brokers share has.</summary>
    private static IEnumerable<string> ConfiguredTopics(ClusterState before, ClusterState after)
    {
        if (ReferenceEquals(before.Configs, after.Configs) || after.Topics.Count == 0)
            return [];
        var changed = after.Configs.ChangesSince(before.Configs).ToList();
        return changed.Any(r => r.Type == ConfigResourceType.Broker)
            ? after.Topics.Select(t => t.Key)
            : changed.Where(r => r.Type == ConfigResourceType.Topic).Select(r => r.Name);
    }

    private void OnFailed(Partition partition, IOException fault) => _lane.Post(() =>
    {
        if (_homes.TryGetValue(partition, out var directory))
            FailDirectory(directory, fault);
    });

    [LoggerMessage(LogLevel.Error, "{Partition} is damaged and stays offline: {Damage}")]
    private static partial void SayDamaged(ILogger log, TopicPartition partition, string damage);

    [LoggerMessage(LogLevel.Warning, "{Partition} finds no room in {Path}: {Reason}")]
    private static partial void SayNoPlace(ILogger log, TopicPartition partition, string path, string reason);

    [LoggerMessage(LogLevel.Warning, "{Partition} belongs to no topic of the cluster and is set aside as {Path}")]
    private static partial void SayStray(ILogger log, TopicPartition partition, string path);
}
