using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Wire.Messages;
using Microsoft.Extensions.Logging;

namespace Barnabas.Replication;

public sealed partial class Partition
{
    private List<PendingBatch>? _fetched;
    private ILogger? _logger;
    private long _lag;
    private volatile bool _isLevel;

    /// <summary>How many offsets it lacked, as a follower, of what its leader had committed when it last heard from it;
    /// 0 where it leads. From any lane.</summary>
    public long Lag => View.Role == PartitionRole.Follower ? Volatile.Read(ref _lag) : 0;

    /// <summary>True where, as a follower, it had all that its leader had committed when it last heard from it. From
    /// any lane.</summary>
    internal bool IsLevel => _isLevel;

    /// <summary>Takes over what the leader answered. Where the topic is durable by fsync it is on disk when this
    /// completes: the next fetch says that it is.</summary>
    /// <param name="asked">What the partition asked for.</param>
    /// <param name="given">The answer; its bytes must live until this completes.</param>
    internal Task<FollowOutcome> TakeAsync(FetchPosition asked, FetchResponse.PartitionData given) =>
        _lane.RunAsync(async () =>
        {
            await SettleAsync();
            if (_log is not { } log || !StandsAt(asked))
                return FollowOutcome.Overtaken;
            if (given.DivergingEpoch.EndOffset != Offset.None && !_host.Has(PlantedBug.DivergenceIgnored))
                return Part(given.DivergingEpoch);
            if (!TakeRecords(asked, given))
                return FollowOutcome.Refused;
            if (_view.SyncsFirst)
            {
                if (!await FlushAsync() || _log != log)
                    return FollowOutcome.Refused;
                // It may have become the leader meanwhile, or another's follower: that one tells it of the watermark.
                if (_view.Role == PartitionRole.Follower && _view.LeaderEpoch == asked.LeaderEpoch)
                    Reach(given.HighWatermark, given.LogStartOffset);
                return FollowOutcome.Taken;
            }

            Reach(given.HighWatermark, given.LogStartOffset);
            Commit();
            return FollowOutcome.Taken;
        });

    /// <summary>Begins anew where the leader's log begins, or ends where it ends: the leader has nothing at the offset
    /// asked for.</summary>
    /// <param name="asked">What the partition asked for.</param>
    /// <param name="start">Where the leader's log begins.</param>
    /// <param name="end">Where the leader's log ends.</param>
    internal Task<FollowOutcome> FitAsync(FetchPosition asked, Offset start, Offset end) => _lane.RunAsync(async () =>
    {
        await SettleAsync();
        if (_log is not { } log || !StandsAt(asked))
            return FollowOutcome.Overtaken;
        if (end < log.View.End)
            return Cut(end) ? FollowOutcome.Taken : FollowOutcome.Refused;
        if (start <= log.View.End)
            return FollowOutcome.Taken;
        SayBegunAnew(Logger, _view.Name, start, log.View.End);
        if (!Change(changed => changed.TruncateFullyAndStartAt(start)))
            return FollowOutcome.Refused;
        MoveWatermark(start);
        WakeAll();
        return FollowOutcome.Taken;
    });

    private ILogger Logger => _logger ??= _host.Log.CreateLogger<Partition>();

    private bool StandsAt(FetchPosition asked) => FetchPosition.Of(_view) is { } now
        && now.LeaderEpoch == asked.LeaderEpoch && now.Offset == asked.Offset;

    private FollowOutcome Part(FetchResponse.EpochEndOffset diverging)
    {
        var log = _log!.View;
        var at = _host.Has(PlantedBug.DivergingEpochIgnored)
            ? Offset.Min(diverging.EndOffset, log.End)
            : Divergence.CutAt(log, _view.HighWatermark, diverging.Epoch, diverging.EndOffset);
        return Cut(at) ? FollowOutcome.Taken : FollowOutcome.Refused;
    }

    private bool Cut(Offset at)
    {
        // A clean election never comes to this: the leader has all that was committed. What an unclean one has lost
        // is lost, and all replicas have to agree on that.
        if (at < _view.HighWatermark)
            SayCommittedLost(Logger, _view.Name, at, _view.HighWatermark);
        if (!Change(log => log.TruncateTo(at)))
            return false;
        if (_view.HighWatermark > _log!.View.End)
            MoveWatermark(_log.View.End);
        WakeAll();
        return true;
    }

    private bool TakeRecords(FetchPosition asked, FetchResponse.PartitionData given)
    {
        if (given.Records is not { Length: > 0 } records)
            return true;
        var fetched = _fetched ??= [];
        fetched.Clear();
        var fault = FetchedBatches.Read(records.Memory, asked.LeaderEpoch, fetched);
        if (fetched.Count > 0 && !Change(log => fault = AppendFetched(log, fetched) ?? fault))
            return false;
        if (fault is not null)
            SayNotAppended(Logger, _view.Name, _view.Leader, fault);
        return fault is null;
    }

    private string? AppendFetched(PartitionLog log, List<PendingBatch> fetched)
    {
        var first = FetchedBatches.OffsetOf(fetched[0]);
        // The leader's log may begin within a batch, which then comes whole.
        if (first < log.View.End && log.View.End == log.View.LogStart)
            log.TruncateFullyAndStartAt(first);
        var (bytes, largest) = (0L, 0);
        foreach (var batch in fetched)
            (bytes, largest) = (bytes + batch.Bytes.Length, Math.Max(largest, batch.Bytes.Length));
        // What one leader has taken another replica takes, be its segments smaller.
        if (largest > log.Settings.SegmentBytes)
            log.Settings = log.Settings with { SegmentBytes = largest };
        foreach (var result in log.Append(fetched))
        {
            if (result.Error != ErrorCode.None)
                return result.Error.Meaning();
        }

        _context.Metrics.Replication.BytesIn.Add(bytes);
        return null;
    }

    /// <summary>Takes over how far the leader has committed, and where its log begins.</summary>
    private void Reach(Offset highWatermark, Offset logStart)
    {
        var log = _log!;
        Volatile.Write(ref _lag, Math.Max(highWatermark - log.View.End, 0));
        _isLevel = log.View.End >= highWatermark;
        var reached = Offset.Min(highWatermark, log.View.End);
        if (reached > _view.HighWatermark)
        {
            MoveWatermark(reached);
            _watchers?.WakeAll();
        }

        var start = Offset.Min(logStart, _view.HighWatermark);
        if (start > log.View.LogStart && Change(changed => changed.DeleteTo(start)))
            ArmRemoval();
    }

    [LoggerMessage(
        LogLevel.Error,
        "{Partition} is cut at {Offset}, below its watermark {HighWatermark}: an unclean election has lost records")]
    private static partial void SayCommittedLost(
        ILogger log, TopicPartition partition, Offset offset, Offset highWatermark);

    [LoggerMessage(LogLevel.Warning, "{Partition} begins anew at {Start}: its leader has nothing at {End} any more")]
    private static partial void SayBegunAnew(ILogger log, TopicPartition partition, Offset start, Offset end);

    [LoggerMessage(LogLevel.Error, "{Partition} does not take what its leader {Leader} sends: {Reason}")]
    private static partial void SayNotAppended(
        ILogger log, TopicPartition partition, BrokerId leader, string reason);
}
