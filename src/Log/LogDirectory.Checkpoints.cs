using Barnabas.Base;

namespace Barnabas.Log;

public sealed partial class LogDirectory
{
    /// <summary>The checkpointed high watermark; null where none is known.</summary>
    public Offset? HighWatermarkOf(TopicPartition partition) => _highWatermarks.Of(partition);

    /// <summary>Up to where the partition's log was compacted; null where it never was.</summary>
    public Offset? CleanedOf(TopicPartition partition) => _cleaned.Of(partition);

    /// <summary>Remembers up to where a partition's log is compacted, durably. What was put in the place of its
    /// segments is on disk.</summary>
    public void SetCleaned(TopicPartition partition, Offset? cleaned) => _cleaned.Write([(partition, cleaned)]);

    /// <summary>Remembers a partition's recovery point, durably, for those who rely on what the next start finds.
    /// </summary>
    /// <returns>What it is on disk now.</returns>
    public Offset SetRecoveryPoint(TopicPartition partition, Offset point)
    {
        _recoveryPoints.Write([(partition, Flushed((partition, point)))]);
        return _recoveryPoints.Of(partition) ?? Offset.Zero;
    }

    /// <summary>Writes the checkpoints, durably; partitions not named keep what they had, a null list leaves a file
    /// as it is.</summary>
    /// <param name="recoveryPoints">Below it all of a log is on disk. Logs that were cut since get less.</param>
    /// <param name="logStarts">Log start offsets above the base offset of the log's first segment. Logs whose start
    /// moved on since get more.</param>
    /// <param name="highWatermarks">High watermarks.</param>
    public void WriteCheckpoints(
        IReadOnlyList<(TopicPartition Partition, Offset Offset)>? recoveryPoints,
        IReadOnlyList<(TopicPartition Partition, Offset Offset)>? logStarts,
        IReadOnlyList<(TopicPartition Partition, Offset Offset)>? highWatermarks)
    {
        if (recoveryPoints is not null)
            _recoveryPoints.Write(recoveryPoints.Select(entry => (entry.Partition, (Offset?)Flushed(entry))));
        if (logStarts is not null)
            _logStarts.Write(logStarts.Select(entry => (entry.Partition, (Offset?)Started(entry))));
        if (highWatermarks is not null)
            _highWatermarks.Write(highWatermarks.Select(static entry => (entry.Partition, (Offset?)entry.Offset)));
    }

    /// <summary>What of a recovery point, collected a while ago, still holds. What is on disk stays where it is
    /// further: compaction may have relied on it.</summary>
    private Offset Flushed((TopicPartition Partition, Offset Offset) point)
    {
        lock (_guard)
        {
            if (!_logs.TryGetValue(point.Partition, out var log))
                return point.Offset;
            var known = _recoveryPoints.Of(point.Partition) ?? Offset.Zero;
            return Offset.Min(Offset.Max(point.Offset, known), log.View.FlushedOffset);
        }
    }

    /// <summary>Where the log begins by now: of two who write at a time, the one that comes last must not take back
    /// what the other wrote.</summary>
    private Offset Started((TopicPartition Partition, Offset Offset) start)
    {
        lock (_guard)
        {
            return _logs.TryGetValue(start.Partition, out var log)
                ? Offset.Max(start.Offset, log.View.LogStart)
                : start.Offset;
        }
    }

    private void Lower(TopicPartition partition, Offset offset)
    {
        _recoveryPoints.Lower(partition, offset);
        if (!_host.Has(PlantedBug.CleanedPointKept))
            _cleaned.Lower(partition, offset);
    }

    private OpenHints HintsFor(TopicPartition partition) => new(
        _recoveryPoints.Of(partition) ?? Offset.Zero, _logStarts.Of(partition) ?? Offset.Zero, WasCleanlyShutDown)
    {
        LowerRecoveryPoint = _lower,
        Progress = (done, all) => LogEvents.RecoveryProgress(_logger, partition, done, all),
    };
}
