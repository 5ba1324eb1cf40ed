using Barnabas.Base;
using Barnabas.Log;
using Microsoft.Extensions.Logging;

namespace Barnabas.Replication;

public sealed partial class Replicas
{
    /// <summary>How many bytes may be appended before recovery points are written ahead of their time. A start after
    /// a crash reads what stands above them.</summary>
    private const long MostUnmarkedBytes = 64 << 20;

    private volatile IReadOnlyList<Recurring> _rounds = [];
    private ITimer? _retention;
    private long _markedBytes;
    private TimeSpan? _watermarkInterval;
    private ITimer? _watermarkTimer;

    /// <summary>Begins what has to be done again and again: checkpoints, retention, removal of deleted files; and goes
    /// on with the moves that the last run has left.</summary>
    public void StartUpkeep(UpkeepIntervals intervals)
    {
        Every(intervals.FirstDelay, intervals.RecoveryPoints, async () =>
        {
            _markedBytes = AppendedBytes;
            await CheckpointAsync(Checkpoints.RecoveryPoints);
        });
        Every(intervals.FirstDelay, intervals.LogStarts, () => CheckpointAsync(Checkpoints.LogStarts));
        _retention = _host.Time.CreateTimer(
            _ => Enqueue(RetainAsync), null, intervals.FirstDelay.ForTimer(), intervals.Retention.ForTimer());
        Every(intervals.ProducerExpiry, intervals.ProducerExpiry, ExpireProducersAsync);
        Every(intervals.InSync, intervals.InSync, CheckInSync);
        _lane.Post(() =>
        {
            foreach (var move in _moves.Values)
                _mover.Begin(move);
            _compactor.Start();
            BeginRemoval();
            _watermarkInterval = intervals.HighWatermarks;
            if (_watermarks.HaveMoved)
                ArmWatermarks();
            if (_homes.Count == 0)
                RestUpkeep();
        });
    }

    /// <summary>Ends it; what is under way is finished first.</summary>
    public async Task StopUpkeepAsync()
    {
        foreach (var round in _rounds)
            round.Dispose();
        _retention?.Dispose();
        await _lane.RunAsync(() =>
        {
            _watermarkInterval = null;
            _watermarkTimer?.Dispose();
            return _compactor.StopAsync();
        });
        await _lane.RunAsync(EndRemovalAsync);
        Enqueue(CloseMovesAsync);
        await SettledAsync();
    }

    // One timer for each checkpoint, not one that goes on: a node where nothing happens sleeps.
    private void ArmWatermarks()
    {
        if (_watermarkInterval is not { } interval)
            return;
        _watermarkTimer?.Dispose();
        _watermarkTimer = _host.Time.CreateTimer(
            _ => Enqueue(CheckpointWatermarksAsync), null, interval.ForTimer(), Timeout.InfiniteTimeSpan);
    }

    private async Task CheckpointWatermarksAsync()
    {
        _watermarks.Take();
        await CheckpointAsync(Checkpoints.HighWatermarks | EarlyPoints());
        await PlaceHomelessAsync();
        if (_homeless.Count > 0)
            _watermarks.Note();
    }

    private long AppendedBytes => Traffic.Total(static topic => topic.BytesIn);

    private Checkpoints EarlyPoints()
    {
        var appended = AppendedBytes;
        if (appended - _markedBytes < MostUnmarkedBytes)
            return default;
        _markedBytes = appended;
        return Checkpoints.RecoveryPoints;
    }

    // A node that holds no partition has nothing to do.
    private void Every(TimeSpan first, TimeSpan interval, Func<Task> work)
    {
        Recurring? round = null;
        round = new Recurring(_host.Time, () => Enqueue(() =>
        {
            if (_homes.Count > 0)
                return work();
            round?.Rest();
            return Task.CompletedTask;
        }));
        _rounds = [.. _rounds, round];
        round.Begin(first, interval);
    }

    private void RestUpkeep()
    {
        foreach (var round in _rounds)
            round.Rest();
    }

    private void WakeUpkeep()
    {
        foreach (var round in _rounds)
            round.Wake();
        _compactor.Wake();
    }

    private async Task CheckpointAsync(Checkpoints which)
    {
        var marks = new Dictionary<LogDirectory, List<PartitionMarks>>();
        foreach (var (partition, directory) in _homes)
        {
            if (await partition.MarksAsync() is not { } mark)
                continue;
            if (!marks.TryGetValue(directory, out var list))
                marks.Add(directory, list = []);
            list.Add(mark);
        }

        foreach (var (directory, list) in marks)
        {
            if (directory.IsOffline)
                continue;
            try
            {
                await _host.Lanes.RunBlockingAsync(() => Write(directory, list, which));
            }
            catch (DiskFullException fault)
            {
                // What is on disk is older and holds all the same: a recovery only takes longer.
                SayNoRoom(_log, directory.Path, fault.Message);
                _watermarks.Note();
            }
            catch (IOException fault)
            {
                FailDirectory(directory, fault);
            }
        }
    }

    private async Task RetainAsync()
    {
        foreach (var partition in _homes.Keys.ToList())
            await partition.UpkeepAsync();
    }

    private async Task ExpireProducersAsync()
    {
        foreach (var partition in _homes.Keys.ToList())
            await partition.ExpireProducersAsync();
    }

    private Task CheckInSync()
    {
        // Without followers there is nobody to fall behind.
        foreach (var partition in _homes.Keys)
        {
            if (partition.View.Replicas.Length > 1)
                partition.CheckIsr();
        }

        return Task.CompletedTask;
    }

    private static bool Write(LogDirectory directory, List<PartitionMarks> marks, Checkpoints which)
    {
        directory.WriteCheckpoints(
            which.HasFlag(Checkpoints.RecoveryPoints) ? [.. marks.Select(m => (m.Name, m.RecoveryPoint))] : null,
            which.HasFlag(Checkpoints.LogStarts)
                ? [.. marks.Where(m => m.LogStart > Offset.Zero).Select(m => (m.Name, m.LogStart))]
                : null,
            which.HasFlag(Checkpoints.HighWatermarks) ? [.. marks.Select(m => (m.Name, m.HighWatermark))] : null);
        return true;
    }

    [LoggerMessage(LogLevel.Warning, "The checkpoints of {Path} are left as they are until there is room: {Reason}")]
    private static partial void SayNoRoom(ILogger log, string path, string reason);

    [Flags]
    private enum Checkpoints
    {
        HighWatermarks = 1,
        RecoveryPoints = 2,
        LogStarts = 4,
        All = HighWatermarks | RecoveryPoints | LogStarts,
    }
}
