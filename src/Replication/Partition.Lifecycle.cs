using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Log;

namespace Barnabas.Replication;

public sealed partial class Partition
{
    /// <summary>Takes over changed configs.</summary>
    internal void Configure(TopicConfig config, LogSettings settings) => _lane.Post(() =>
    {
        Volatile.Write(ref _view, _view with { Config = config });
        if (_log is null)
            return;
        _log.Settings = settings;
        // What the log flushed by itself, when it rolled, is shown before the watermark follows it.
        Publish();
        // What is not on disk yet is due by the new interval, not by the one it was armed with.
        _flushTimer?.Dispose();
        _flushTimer = null;
        Commit();
    });

    /// <summary>Deletes what retention lets go.</summary>
    internal Task UpkeepAsync() => _lane.RunAsync(() =>
    {
        if (_log is null)
            return true;
        try
        {
            _log.ApplyRetention(_view.HighWatermark);
            Publish();
            ArmRemoval();
        }
        catch (DiskFullException) when (!_log.Failed)
        {
            // To delete the last segment, one has to be begun, for which there is no room: the next round tries again.
            Publish();
        }
        catch (IOException fault)
        {
            Fail(fault);
        }

        return true;
    });

    /// <summary>Forgets idempotent producers that have sent nothing for long.</summary>
    internal Task ExpireProducersAsync() => _lane.RunAsync(() =>
    {
        _log?.ExpireProducers();
        return true;
    });

    /// <summary>Moves the log start offset up (DeleteRecords).</summary>
    /// <param name="to">The first offset to keep; -1 for the high watermark.</param>
    /// <returns>The first offset still there, or -1 with OFFSET_OUT_OF_RANGE, POLICY_VIOLATION where the topic is
    /// only compacted, NOT_LEADER_OR_FOLLOWER, KAFKA_STORAGE_ERROR. It is not checkpointed yet.</returns>
    internal Task<Deletion> DeleteToAsync(Offset to) => _lane.RunAsync(async () =>
    {
        await SettleAsync();
        return Delete(to);
    });

    /// <summary>The producers the log remembers; null while it is offline. From any lane.</summary>
    public Task<IReadOnlyList<ActiveProducer>?> DescribeProducersAsync() =>
        _lane.RunAsync(() => _log?.DescribeProducers());

    /// <summary>What the checkpoints of its directory say of it; null while it is offline.</summary>
    internal Task<PartitionMarks?> MarksAsync() => _lane.RunAsync<PartitionMarks?>(() => _log is null
        ? null
        : new PartitionMarks(_view.Name, _log.RecoveryPoint, _log.View.LogStart, _view.HighWatermark));

    /// <summary>Gives the log up: its directory failed. Everybody waiting hears of it.</summary>
    internal void TakeOffline() => _lane.Post(() => Retire(PartitionRole.Offline, ErrorCode.KafkaStorageError));

    /// <summary>Closes the log; the partition answers nothing any more.</summary>
    /// <param name="clean">True to leave nothing to recover.</param>
    /// <returns>The closed log, for deletion; null where it was offline.</returns>
    internal Task<PartitionLog?> CloseAsync(bool clean) => _lane.RunAsync(async () =>
    {
        var log = Retire(PartitionRole.Follower, ErrorCode.NotLeaderOrFollower);
        await (log?.CloseAsync(clean) ?? _abandoned);
        return log;
    });

    private Deletion Delete(Offset to)
    {
        var error = _view.CheckLeader(LeaderEpoch.None);
        if (error != ErrorCode.None)
            return Deletion.Refused(error);
        if (_view.Config is { Compacts: true, DeletesOldSegments: false })
            return Deletion.Refused(ErrorCode.PolicyViolation);
        var start = to == Offset.None ? _view.HighWatermark : to;
        if (start < Offset.Zero || start > _view.HighWatermark)
            return Deletion.Refused(ErrorCode.OffsetOutOfRange);
        try
        {
            _log!.DeleteTo(start);
            Publish();
            ArmRemoval();
            // Followers hear of it by the answers they wait for.
            _endWatchers?.WakeAll();
            return new Deletion(ErrorCode.None, _log.View.LogStart);
        }
        catch (IOException fault)
        {
            Fail(fault);
            return Deletion.Refused(ErrorCode.KafkaStorageError);
        }
    }

    private void Fail(IOException fault)
    {
        if (_view.Role == PartitionRole.Offline)
            return;
        Retire(PartitionRole.Offline, ErrorCode.KafkaStorageError);
        _context.Failed(this, fault);
    }

    private PartitionLog? Retire(PartitionRole role, ErrorCode why)
    {
        var log = _log;
        _log = null;
        _flushTimer?.Dispose();
        _flushTimer = null;
        _removal?.Dispose();
        _removal = null;
        if (role == PartitionRole.Offline && log is not null)
            _abandoned = log.CloseAsync(clean: false);
        _leading = null;
        Volatile.Write(ref _view, _view with { Role = role, Log = null });
        FailUnacknowledged(why);
        WakeAll();
        return log;
    }

    private void FailUnacknowledged(ErrorCode why)
    {
        while (_unacknowledged.TryDequeue(out var append))
            append.Refuse(why);
    }
}

/// <summary>The offsets of a partition that checkpoints remember.</summary>
/// <param name="Name">Topic and index.</param>
/// <param name="RecoveryPoint">Below it all is on disk.</param>
/// <param name="LogStart">The log start offset.</param>
/// <param name="HighWatermark">The high watermark.</param>
internal sealed record PartitionMarks(
    TopicPartition Name, Offset RecoveryPoint, Offset LogStart, Offset HighWatermark);
