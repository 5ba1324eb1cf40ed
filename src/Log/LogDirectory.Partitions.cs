using Barnabas.Base;

namespace Barnabas.Log;

public sealed partial class LogDirectory
{
    private readonly PriorityQueue<string, long> _deleted = new();

    private long NowMs => _host.Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Opens the logs of all partitions found, recovering several at a time, and tells in the log how it
    /// gets on.</summary>
    /// <param name="settingsOf">The configs of a partition's topic.</param>
    /// <param name="trustsCache">Whether a partition's answers promised no more than the page cache.</param>
    /// <param name="recoveryThreads">How many at a time: <c>num.recovery.threads.per.data.dir</c>.</param>
    /// <returns>One entry for each partition; damaged ones have no log.</returns>
    /// <exception cref="IOException">The disk refused.</exception>
    public async Task<IReadOnlyList<LoadedPartition>> LoadAsync(
        Func<TopicPartition, LogSettings> settingsOf, Func<TopicPartition, bool> trustsCache, int recoveryThreads)
    {
        var waiting = new Queue<(TopicPartition Partition, LogSettings Settings, bool TrustsCache)>(
            Partitions.Select(partition => (partition, settingsOf(partition), trustsCache(partition))));
        var loaded = new SortedDictionary<TopicPartition, LoadedPartition>();
        var all = waiting.Count;
        var workers = new List<Task>();
        for (var i = 0; i < Math.Max(recoveryThreads, 1); i++)
            workers.Add(_host.Lanes.RunBlockingAsync(() => LoadWaiting(waiting, loaded, all)));
        await Task.WhenAll(workers);
        return [.. loaded.Values];
    }

    /// <summary>Makes a partition's directory and opens its empty log. Durable when it returns.</summary>
    /// <param name="partition">Which partition; it has no directory here yet.</param>
    /// <param name="topicId">Its topic's id.</param>
    /// <param name="settings">Its topic's configs.</param>
    /// <exception cref="DiskFullException">There is no room for it, and nothing of it is left.</exception>
    /// <exception cref="IOException">The disk refused.</exception>
    public PartitionLog Create(TopicPartition partition, TopicId topicId, LogSettings settings)
    {
        var path = System.IO.Path.Combine(Path, partition.ToString());
        Invariant.Holds(!_host.Disk.DirectoryExists(path), "a partition is made once");
        // Checkpoints of an earlier partition of this name would make the new one look damaged.
        Forget(partition);
        var log = Begin(path, partition, topicId, settings);
        lock (_guard)
        {
            _found[partition] = path;
            _logs[partition] = log;
        }

        return log;
    }

    private PartitionLog Begin(string path, TopicPartition partition, TopicId topicId, LogSettings settings)
    {
        PartitionLog? log = null;
        try
        {
            log = PartitionLog.Open(_host, path, partition, settings, HintsFor(partition));
            log.SetTopicId(topicId);
            return log;
        }
        catch (DiskFullException)
        {
            if (log is not null)
                log.Delete();
            else if (_host.Disk.DirectoryExists(path))
                _host.Disk.DeleteDirectory(path);
            throw;
        }
    }

    /// <summary>Renames a closed log's directory for deletion; <see cref="RemoveDue"/> removes it once the topic's
    /// <c>file.delete.delay.ms</c> has passed.</summary>
    public void Delete(PartitionLog log)
    {
        var path = MoveAway(log, PartitionDirectoryName.ForDeletion(log.Partition, _host.Random));
        lock (_guard)
            _deleted.Enqueue(path, NowMs + (long)log.Settings.FileDeleteDelay.TotalMilliseconds);
    }

    /// <summary>Renames a closed log's directory so that it is found by people only: the metadata does not
    /// want it, and that alone is no reason to lose data.</summary>
    /// <returns>Where it is now.</returns>
    public string SetAside(PartitionLog log) =>
        MoveAway(log, PartitionDirectoryName.ForStray(log.Partition, _host.Random));

    /// <summary>As the other, for a directory whose log was too damaged to be opened.</summary>
    /// <returns>Where it is now.</returns>
    public string SetAside(TopicPartition partition)
    {
        string from;
        lock (_guard)
        {
            Invariant.Holds(!_logs.ContainsKey(partition), "what is set aside by name has no log that is open");
            from = _found[partition];
        }

        return MoveAway(partition, from, PartitionDirectoryName.ForStray(partition, _host.Random));
    }

    private string MoveAway(PartitionLog log, string name)
    {
        Invariant.Holds(log.Failed, "a log is closed before its directory is renamed");
        var path = MoveAway(log.Partition, log.Directory, name);
        log.MovedTo(path);
        return path;
    }

    private string MoveAway(TopicPartition partition, string from, string name)
    {
        var path = System.IO.Path.Combine(Path, name);
        _host.Disk.Rename(from, path);
        _host.Disk.SyncDirectory(Path);
        lock (_guard)
        {
            _logs.Remove(partition);
            _found.Remove(partition);
        }

        Forget(partition);
        return path;
    }

    /// <summary>When the next directory of a deleted partition is due, in Unix ms; null where there is none.</summary>
    public long? NextRemovalMs
    {
        get
        {
            lock (_guard)
                return _deleted.TryPeek(out _, out var due) ? due : null;
        }
    }

    /// <summary>Removes the directories of deleted partitions whose delay has passed.</summary>
    public void RemoveDue()
    {
        while (TryTakeDue() is { } path)
            _host.Disk.DeleteDirectory(path);
    }

    private string? TryTakeDue()
    {
        lock (_guard)
            return _deleted.TryPeek(out _, out var due) && due <= NowMs ? _deleted.Dequeue() : null;
    }

    private void Forget(TopicPartition partition)
    {
        foreach (var checkpoint in new[] { _recoveryPoints, _logStarts, _highWatermarks, _cleaned })
            checkpoint.Write([(partition, null)]);
    }

    /// <summary>One of the recovery threads: opens logs until none waits.</summary>
    private bool LoadWaiting(
        Queue<(TopicPartition Partition, LogSettings Settings, bool TrustsCache)> waiting,
        SortedDictionary<TopicPartition, LoadedPartition> loaded, int all)
    {
        while (true)
        {
            (TopicPartition Partition, LogSettings Settings, bool TrustsCache) next;
            lock (_guard)
            {
                if (!waiting.TryDequeue(out next))
                    return true;
            }

            var result = Load(next.Partition, next.Settings, next.TrustsCache);
            lock (_guard)
            {
                loaded[next.Partition] = result;
                if (result.Log is { } log)
                    _logs[next.Partition] = log;
                if (loaded.Count % 100 == 0 || loaded.Count == all)
                    LogEvents.LoadProgress(_logger, loaded.Count, all, Path);
            }
        }
    }

    private LoadedPartition Load(TopicPartition partition, LogSettings settings, bool trustsCache)
    {
        try
        {
            var directory = _found[partition];
            var hints = HintsFor(partition) with { TrustsCache = trustsCache };
            return new(partition, PartitionLog.Open(_host, directory, partition, settings, hints), null);
        }
        catch (LogDamagedException damaged)
        {
            LogEvents.PartitionRefused(_logger, partition, damaged.Damage);
            return new(partition, null, damaged.Damage);
        }
    }
}
