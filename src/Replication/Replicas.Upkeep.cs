using Barnabas.Base;
using Barnabas.Log;
using Microsoft.Extensions.Logging;

namespace Barnabas.Replication;

public sealed partial class Replicas
{
    private readonly List<ITimer> _timers = [];

    /// <summary>Begins what has to be done again and again: checkpoints, retention, removal of deleted files; and goes
    /// on with the moves that the last run has left.</summary>
    public void StartUpkeep(UpkeepIntervals intervals)
    {
        _lane.Post(() =>
        {
            foreach (var move in _moves.Values)
                _mover.Begin(move);
        });
        Every(intervals.Checkpoint, CheckpointAsync);
        Every(intervals.Retention, RetainAsync);
    }

    /// <summary>Ends it; what is under way is finished first.</summary>
    public Task StopUpkeepAsync()
    {
        foreach (var timer in _timers)
            timer.Dispose();
        Enqueue(CloseMovesAsync);
        return SettledAsync();
    }

    private void Every(TimeSpan interval, Func<Task> work) =>
        _timers.Add(_host.Time.CreateTimer(_ => Enqueue(work), null, interval, interval));

    private async Task CheckpointAsync()
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
                await _host.Lanes.RunBlockingAsync(() => Write(directory, list));
            }
            catch (DiskFullException fault)
            {
                // What is on disk is older and holds all the same: a recovery only takes longer.
                SayNoRoom(_log, directory.Path, fault.Message);
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
        foreach (var directory in _directories.Online.ToList())
        {
            try
            {
                directory.RemoveDue();
            }
            catch (IOException fault)
            {
                FailDirectory(directory, fault);
            }
        }
    }

    private static bool Write(LogDirectory directory, List<PartitionMarks> marks)
    {
        directory.WriteCheckpoints(
            [.. marks.Select(m => (m.Name, m.RecoveryPoint))],
            [.. marks.Where(m => m.LogStart > Offset.Zero).Select(m => (m.Name, m.LogStart))],
            [.. marks.Select(m => (m.Name, m.HighWatermark))]);
        return true;
    }

    [LoggerMessage(LogLevel.Warning, "The checkpoints of {Path} are left as they are until there is room: {Reason}")]
    private static partial void SayNoRoom(ILogger log, string path, string reason);
}

/// <summary>How often the upkeep of the logs is due.</summary>
/// <param name="Checkpoint">log.flush.offset.checkpoint.interval.ms.</param>
/// <param name="Retention">log.retention.check.interval.ms.</param>
public sealed record UpkeepIntervals(TimeSpan Checkpoint, TimeSpan Retention);
