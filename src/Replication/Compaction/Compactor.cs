using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Log;
using Microsoft.Extensions.Logging;

namespace Barnabas.Replication;

/// <summary>Compacts the logs held here: the one with the largest new part first, a few at a time, together not faster
/// than allowed. Owned by the lane of <see cref="Replicas"/>.</summary>
/// <remarks>Source: Apache Kafka's log cleaner and its manager.</remarks>
internal sealed partial class Compactor
{
    private const int StepBytes = 1 << 20;
    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(10);

    private readonly Host _host;
    private readonly Lane _lane;
    private readonly Func<IEnumerable<(Partition Partition, LogDirectory Home)>> _logs;
    private readonly Func<CleanerConfig> _config;
    private readonly Action<LogDirectory, IOException> _failed;
    private readonly ByteThrottle _throttle;
    private readonly ILogger _log;
    private readonly Dictionary<Partition, CompactionRun> _running = [];
    private readonly Dictionary<Partition, long> _resting = [];
    private ITimer? _timer;
    private bool _stopped = true;
    private bool _sleeps;
    private int _workers;

    /// <summary>A compactor that is at rest.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="lane">The lane of the replicas.</param>
    /// <param name="logs">The partitions that may be compacted now, and where their logs are.</param>
    /// <param name="config">How it is configured now.</param>
    /// <param name="failed">Told of a directory that failed.</param>
    public Compactor(
        Host host, Lane lane, Func<IEnumerable<(Partition Partition, LogDirectory Home)>> logs,
        Func<CleanerConfig> config, Action<LogDirectory, IOException> failed)
    {
        (_host, _lane, _logs, _config, _failed) = (host, lane, logs, config, failed);
        _throttle = new ByteThrottle(host.Time, () => (long)Math.Clamp(config().BytesPerSecond, 0, long.MaxValue / 2));
        _log = host.Log.CreateLogger<Replicas>();
        Figures = new CompactionFigures(host.Time);
    }

    /// <summary>What it has done.</summary>
    public CompactionFigures Figures { get; }

    /// <summary>Begins to look for logs to compact.</summary>
    public void Start()
    {
        if (!_config().IsEnabled)
            return;
        _stopped = false;
        _sleeps = !_logs().Any();
        if (!_sleeps)
            Rest();
    }

    /// <summary>Goes on looking, where it sleeps because there was no log.</summary>
    public void Wake()
    {
        if (!_sleeps || _stopped)
            return;
        _sleeps = false;
        Rest();
    }

    /// <summary>Ends all that is under way, and begins nothing more.</summary>
    public async Task StopAsync()
    {
        _stopped = true;
        _timer?.Dispose();
        foreach (var run in _running.Values.ToList())
            await StopAsync(run.Partition);
    }

    /// <summary>Ends the compaction of a partition, whose log is about to go, or to move.</summary>
    public async Task StopAsync(Partition partition)
    {
        if (!_running.TryGetValue(partition, out var run))
            return;
        run.Cancel();
        await run.Over;
    }

    /// <summary>A partition is no longer here.</summary>
    public void Forget(Partition partition)
    {
        _resting.Remove(partition);
        Figures.Forget(partition);
    }

    private void Rest()
    {
        _timer?.Dispose();
        var rest = _config().Backoff;
        _timer = _host.Time.CreateTimer(
            _ => _lane.Post(Look), null, (rest > ShortestRest ? rest : ShortestRest).ForTimer(),
            Timeout.InfiniteTimeSpan);
    }

    private void Look()
    {
        if (_stopped)
            return;
        _sleeps = !_logs().Any();
        if (_sleeps)
        {
            Figures.NoneThere();
            return;
        }

        for (var wanted = _config().Threads - _workers; wanted > 0; wanted--)
            Work();
        Rest();
    }

    // One log after the other, until there is none left that is worth it.
    private async void Work()
    {
        _workers++;
        while (!_stopped && _workers <= _config().Threads && await NextAsync() is { } next)
        {
            _running.Add(next.Partition, next);
            await CompactAsync(next);
            _running.Remove(next.Partition);
            next.End();
        }

        _workers--;
    }

    private async Task<CompactionRun?> NextAsync()
    {
        var now = _host.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var looked = await _host.Lanes.RunBlockingAsync(Survey(now).Take);
        Figures.Surveyed(looked);
        foreach (var each in looked)
        {
            if (each.Damage is { } damage)
                SetAside(each.Partition, each.Home, damage);
            if (each.NeedsRoll)
                await each.Partition.RollAsync();
        }

        // Meanwhile another may have begun with it, or it be gone.
        var here = _stopped ? [] : _logs().ToHashSet();
        var next = looked
            .Where(each => each.IsDue && here.Contains((each.Partition, each.Home)) && MayBegin(each.Partition))
            .MaxBy(each => each.Plan.DirtyRatio);
        return next is null ? null : new CompactionRun(next.Partition, next.Home, next.Plan);
    }

    private CompactionSurvey Survey(long now) => new(
        now, [.. _logs().Where(each => each.Partition.View is { Config.Compacts: true, Log: not null }
            && MayBegin(each.Partition))]);

    private bool MayBegin(Partition partition)
    {
        if (_running.ContainsKey(partition) || Figures.IsUncleanable(partition))
            return false;
        if (!_resting.TryGetValue(partition, out var until))
            return true;
        if (_host.Time.GetTimestamp() < until)
            return false;
        _resting.Remove(partition);
        return true;
    }

    private async Task CompactAsync(CompactionRun run)
    {
        var begun = _host.Time.GetTimestamp();
        try
        {
            if (await RunAsync(run) is { } figures)
                Figures.Cleaned(figures, _host.Time.GetElapsedTime(begun));
            else
                PutOff(run.Partition);
        }
        catch (LogDamagedException damaged)
        {
            SetAside(run.Partition, run.Home, damaged.Message);
        }
        catch (DiskFullException fault)
        {
            SayPutOff(_log, run.Partition.View.Name, fault.Message);
            PutOff(run.Partition);
        }
        catch (IOException fault)
        {
            _failed(run.Home, fault);
        }
    }

    /// <summary>One round; null where it came to nothing.</summary>
    private async Task<CleaningFigures?> RunAsync(CompactionRun run)
    {
        if (await run.Partition.MarksAsync() is not { } marks)
            return null;
        if (_host.Has(PlantedBug.CleanedPointAhead))
            await RememberAsync(run, run.Plan.FirstUncleanable);
        var durable = await _host.Lanes.RunBlockingAsync(
            () => run.Home.SetRecoveryPoint(marks.Name, marks.RecoveryPoint));
        if (await run.Partition.BeginCleaningAsync(run.Plan, durable, Limits()) is not { } cleaning)
            return null;
        try
        {
            // Its new segments are on disk before anybody relies on the log being compacted.
            if (!await WorkOffAsync(run, cleaning) || !await run.Partition.FlushAsync())
                return null;
            await RememberAsync(run, cleaning.Figures.End);
        }
        finally
        {
            await _host.Lanes.RunBlockingAsync(() =>
            {
                cleaning.Dispose();
                return true;
            });
        }

        SayCompacted(
            _log, marks.Name, cleaning.Figures.End, cleaning.Figures.ReadBytes, cleaning.Figures.KeptBytes,
            cleaning.Figures.Keys);
        return cleaning.Figures;
    }

    private async Task<bool> WorkOffAsync(CompactionRun run, LogCleaning cleaning)
    {
        while (!run.IsCancelled)
        {
            if (!await _throttle.PauseAsync())
                continue;
            var step = await _host.Lanes.RunBlockingAsync(() => cleaning.Step(_throttle.Most(StepBytes)));
            _throttle.Took(step.Bytes);
            if (step.IsReady && !await run.Partition.ReplaceSegmentsAsync(cleaning, run))
                return false;
            if (step.IsDone)
                return !cleaning.IsVoid && !run.IsCancelled;
        }

        return false;
    }

    private Task<bool> RememberAsync(CompactionRun run, Offset cleaned) => _host.Lanes.RunBlockingAsync(() =>
    {
        run.Home.SetCleaned(run.Partition.View.Name, cleaned);
        return true;
    });

    private CleaningLimits Limits()
    {
        var config = _config();
        var threads = Math.Max(config.Threads, 1);
        return new(
            Math.Min(config.MapBytes / threads, int.MaxValue), config.MapLoad,
            Math.Max(config.BufferBytes / threads / 2, 1));
    }

    /// <summary>Lets a log be for a while.</summary>
    private void PutOff(Partition partition) =>
        _resting[partition] = _host.Time.GetTimestamp()
            + (long)(_config().Backoff.TotalSeconds * _host.Time.TimestampFrequency);

    private void SetAside(Partition partition, LogDirectory home, string why)
    {
        Figures.SetAside(partition, home);
        SayUncleanable(_log, partition.View.Name, why);
        partition.FoundDamaged(partition.View.Log?.LogStart ?? Offset.Zero);
    }

    [LoggerMessage(
        LogLevel.Information, "Compacted {Partition} up to offset {End}: of {Read} bytes {Kept} are left, {Keys} keys")]
    private static partial void SayCompacted(
        ILogger log, TopicPartition partition, Offset end, long read, long kept, long keys);

    [LoggerMessage(LogLevel.Warning, "{Partition} is not compacted for now: {Reason}")]
    private static partial void SayPutOff(ILogger log, TopicPartition partition, string reason);

    [LoggerMessage(LogLevel.Error, "{Partition} is not compacted any more until the next start: {Reason}")]
    private static partial void SayUncleanable(ILogger log, TopicPartition partition, string reason);
}
