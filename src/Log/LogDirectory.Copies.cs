using Barnabas.Base;

namespace Barnabas.Log;

public sealed partial class LogDirectory
{
    private readonly SortedDictionary<TopicPartition, string> _futures = [];

    /// <summary>The partitions of which an unfinished copy was found, made by an earlier run and not opened
    /// yet.</summary>
    public IReadOnlyList<TopicPartition> UnfinishedCopies
    {
        get
        {
            lock (_guard)
                return [.. _futures.Keys];
        }
    }

    /// <summary>True where a copy of the partition can be made: its directory's name must fit the file
    /// system.</summary>
    public static bool CanHoldCopyOf(TopicPartition partition) => PartitionDirectoryName.FitsCopy(partition);

    /// <summary>Opens the copy of a partition that is on its way here (KIP-113): the one found, else a new one. Durable
    /// when it returns.</summary>
    /// <param name="partition">Which partition; its log is in another directory.</param>
    /// <param name="topicId">Its topic's id.</param>
    /// <param name="settings">Its topic's configs.</param>
    /// <param name="start">The first offset of a new copy.</param>
    public PartitionLog OpenCopy(TopicPartition partition, TopicId topicId, LogSettings settings, Offset start)
    {
        if (TakeFound(partition) is { } found)
        {
            if (TryOpenCopy(found, partition, settings) is { } log && log.TopicId == topicId)
                return log;
            DropFound(found, partition);
        }

        Forget(partition);
        var path = System.IO.Path.Combine(Path, PartitionDirectoryName.ForCopy(partition, _host.Random));
        var begun = PartitionLog.Open(_host, path, partition, settings, HintsFor(partition) with { LogStart = start });
        begun.SetTopicId(topicId);
        return begun;
    }

    /// <summary>Remembers up to where a copy is on disk, so that the next start need not read all of it.</summary>
    public void CheckpointCopy(PartitionLog copy) =>
        _recoveryPoints.Write([(copy.Partition, copy.View.FlushedOffset)]);

    /// <summary>Gives a copy the name of the partition's log, and opens it as that. Durable when it returns.</summary>
    /// <param name="copy">The copy, complete and closed cleanly.</param>
    /// <param name="highWatermark">The partition's high watermark.</param>
    public PartitionLog Promote(PartitionLog copy, Offset highWatermark)
    {
        Invariant.Holds(copy.Failed, "a copy is closed before its directory is renamed");
        var (partition, view) = (copy.Partition, copy.View);
        // First, so that a crash finds them: they hold for the copy as for the log it becomes.
        _recoveryPoints.Write([(partition, view.End)]);
        _logStarts.Write([(partition, view.LogStart)]);
        _highWatermarks.Write([(partition, highWatermark)]);
        var path = System.IO.Path.Combine(Path, partition.ToString());
        _host.Disk.Rename(copy.Directory, path);
        _host.Disk.SyncDirectory(Path);
        var hints = HintsFor(partition) with { CleanShutdown = true };
        var log = PartitionLog.Open(_host, path, partition, copy.Settings, hints);
        lock (_guard)
        {
            _found[partition] = path;
            _logs[partition] = log;
        }

        return log;
    }

    /// <summary>Drops a closed copy that is wanted no more. Its directory goes at once.</summary>
    public void DropCopy(PartitionLog copy)
    {
        Invariant.Holds(copy.Failed, "a copy is closed before its directory is removed");
        DropFound(copy.Directory, copy.Partition);
    }

    /// <summary>Drops a copy that was found and is of no use.</summary>
    public void DropUnfinishedCopy(TopicPartition partition)
    {
        if (TakeFound(partition) is { } path)
            DropFound(path, partition);
    }

    /// <summary>Keeps a copy of a partition that the cluster does not know, for people to look at.</summary>
    /// <returns>Where it is now; null where there is none.</returns>
    public string? SetUnfinishedCopyAside(TopicPartition partition)
    {
        if (TakeFound(partition) is not { } path)
            return null;
        var aside = System.IO.Path.Combine(Path, PartitionDirectoryName.ForStray(partition, _host.Random));
        _host.Disk.Rename(path, aside);
        _host.Disk.SyncDirectory(Path);
        return aside;
    }

    /// <summary>Takes note of a copy found at the start; of several the first is as good as any.</summary>
    private void FoundCopy(TopicPartition partition, string path)
    {
        if (!_futures.TryAdd(partition, path))
            DropFound(path, partition);
    }

    private string? TakeFound(TopicPartition partition)
    {
        lock (_guard)
            return _futures.Remove(partition, out var path) ? path : null;
    }

    private PartitionLog? TryOpenCopy(string path, TopicPartition partition, LogSettings settings)
    {
        try
        {
            return PartitionLog.Open(_host, path, partition, settings, HintsFor(partition));
        }
        catch (LogDamagedException damaged)
        {
            LogEvents.PartitionRefused(_logger, partition, damaged.Damage);
            return null;
        }
    }

    // Under another name first: half a copy must not be found as one.
    private void DropFound(string path, TopicPartition partition)
    {
        var gone = System.IO.Path.Combine(Path, PartitionDirectoryName.ForDeletion(partition, _host.Random));
        _host.Disk.Rename(path, gone);
        _host.Disk.SyncDirectory(Path);
        _host.Disk.DeleteDirectory(gone);
    }
}
