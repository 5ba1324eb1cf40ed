using Barnabas.Log;

namespace Barnabas.Replication;

/// <summary>What compaction has done and found. Read from any lane, changed on that of
/// <see cref="Replicas"/>.</summary>
/// <param name="time">The clock.</param>
public sealed class CompactionFigures(TimeProvider time)
{
    // Replaced as a whole by each change.
    private volatile Dictionary<Partition, LogDirectory> _uncleanable = [];
    private Last _last = new(0, 0, 0, 0, 0);
    private long _lastRun;
    private double _dirtyRatio;
    private double _delay;

    /// <summary>How full the map of keys got in the last round, of 1.</summary>
    public double MapUtilization => Volatile.Read(ref _last).MapUtilization;

    /// <summary>The part of what it read that the last round wrote again, of 1.</summary>
    public double RecopiedShare => Volatile.Read(ref _last).RecopiedShare;

    /// <summary>How long the last round took, in seconds.</summary>
    public double Seconds => Volatile.Read(ref _last).Seconds;

    /// <summary>Bytes read by all rounds.</summary>
    public long ReadBytes => Volatile.Read(ref _last).ReadBytes;

    /// <summary>Bytes kept by all rounds.</summary>
    public long KeptBytes => Volatile.Read(ref _last).KeptBytes;

    /// <summary>For how long the records that are most overdue by <c>max.compaction.lag.ms</c> have been so, in
    /// seconds.</summary>
    public double LongestDelay => Volatile.Read(ref _delay);

    /// <summary>The largest new part of a log, of 1.</summary>
    public double LargestDirtyRatio => Volatile.Read(ref _dirtyRatio);

    /// <summary>How long ago it last looked for something to do; null before the first time, and while there is no log
    /// here.</summary>
    public TimeSpan? SinceLastRun => Volatile.Read(ref _lastRun) is > 0 and var then ? time.GetElapsedTime(then) : null;

    /// <summary>How many logs of a directory are set aside, and how many bytes of them were to be compacted.</summary>
    public (int Logs, long Bytes) UncleanableIn(LogDirectory directory)
    {
        var there = _uncleanable.Where(each => each.Value == directory).Select(each => each.Key.View).ToList();
        return (there.Count, there.Sum(view => view.Log?.SizeInBytes ?? 0));
    }

    internal bool IsUncleanable(Partition partition) => _uncleanable.ContainsKey(partition);

    internal void SetAside(Partition partition, LogDirectory home) =>
        _uncleanable = new(_uncleanable) { [partition] = home };

    internal void Forget(Partition partition)
    {
        if (IsUncleanable(partition))
            _uncleanable = _uncleanable.Where(each => each.Key != partition).ToDictionary();
    }

    internal void Surveyed(IReadOnlyList<SurveyedLog> logs)
    {
        Volatile.Write(ref _lastRun, time.GetTimestamp());
        Volatile.Write(ref _dirtyRatio, logs.Select(log => log.Plan.DirtyRatio).DefaultIfEmpty().Max());
        Volatile.Write(ref _delay, logs.Select(log => log.Plan.Delay.TotalSeconds).DefaultIfEmpty().Max());
    }

    internal void NoneThere()
    {
        Surveyed([]);
        Volatile.Write(ref _lastRun, 0);
    }

    internal void Cleaned(CleaningFigures figures, TimeSpan took)
    {
        var share = figures.ReadBytes == 0 ? 0 : figures.KeptBytes / (double)figures.ReadBytes;
        Volatile.Write(ref _last, new Last(
            figures.MapUtilization, share, took.TotalSeconds, _last.ReadBytes + figures.ReadBytes,
            _last.KeptBytes + figures.KeptBytes));
    }

    private sealed record Last(
        double MapUtilization, double RecopiedShare, double Seconds, long ReadBytes, long KeptBytes);
}
