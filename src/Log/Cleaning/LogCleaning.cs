using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>One round of compaction of a log: the new part is read for its keys, then all segments up to there are
/// written anew, group by group, without the records that later ones supersede.</summary>
/// <remarks>It is worked off in steps, off every lane and one at a time; between them the log's lane puts each group in
/// its place (<see cref="PartitionLog.TryReplace"/>). It sees the log as it stood at the beginning: the files of its
/// sources stay open until they have been replaced. Source: Apache Kafka's log cleaner.</remarks>
public sealed class LogCleaning : IDisposable
{
    private readonly Host _host;
    private readonly PartitionLog _log;
    private readonly string _directory;
    private readonly LogSettings _settings;
    private readonly CleaningTerms _terms;
    private readonly CleaningLimits _limits;
    private readonly IReadOnlyList<AbortedTransaction> _aborted;
    private readonly List<SegmentView> _sources;
    private readonly IEnumerator<CleanedSegment?> _work;
    private CleanedSegment? _unfinished;
    private Offset? _begunAt;
    private int _released;
    private long _most;

    internal LogCleaning(
        Host host, PartitionLog log, List<SegmentView> sources, CleaningTerms terms, CleaningLimits limits)
    {
        (_host, _log, _sources, _terms, _limits) = (host, log, sources, terms, limits);
        (_directory, _settings) = (log.Directory, log.Settings);
        _aborted = log.View.AbortedTransactions(sources[0].BaseOffset, terms.UpTo);
        _work = Work();
    }

    /// <summary>What it has come to so far. Read between its steps.</summary>
    public CleaningFigures Figures { get; } = new();

    /// <summary>True when the log was cut or segments deleted under it: what it has not put in its place yet comes to
    /// nothing.</summary>
    public bool IsVoid { get; private set; }

    /// <summary>The log.</summary>
    internal PartitionLog Log => _log;

    /// <summary>What was read and written so far, in bytes.</summary>
    private long Moved => Figures.MappedBytes + Figures.ReadBytes + Figures.KeptBytes;

    /// <summary>Works on. Blocks.</summary>
    /// <param name="bytes">About so many bytes are read or written.</param>
    /// <returns>What that came to.</returns>
    /// <exception cref="LogDamagedException">Bytes of the log are not what was written there.</exception>
    /// <exception cref="IOException">The disk refused.</exception>
    public CleaningStep Step(int bytes)
    {
        var before = Moved;
        _most = before + bytes;
        while (_work.MoveNext())
        {
            var isReady = _work.Current is not null;
            if (isReady || Moved >= _most)
                return new(Moved - before, isReady, IsDone: false);
        }

        return new(Moved - before, IsReady: false, IsDone: true);
    }

    /// <summary>Lets go of the log's files, and removes what was not put in its place. Blocks.</summary>
    public void Dispose()
    {
        _work.Dispose();
        while (_released < _sources.Count)
            _sources[_released++].File.Release();
        _unfinished?.Dispose();
        if (_begunAt is { } begun)
            CleanedSegment.Discard(_host.Disk, _directory, begun);
        (_unfinished, _begunAt) = (null, null);
    }

    /// <summary>The segment that is ready to take the place of its sources. For the log's lane.</summary>
    internal CleanedSegment TakeReady()
    {
        var ready = _unfinished!;
        (_unfinished, _begunAt) = (null, null);
        return ready;
    }

    /// <summary>The segment that is ready; null while there is none.</summary>
    internal CleanedSegment? Ready => _work.Current;

    /// <summary>The log is not what it was.</summary>
    internal void MakeVoid() => IsVoid = true;

    private IEnumerator<CleanedSegment?> Work()
    {
        var dirty = _sources.Sum(source => source.End > _terms.FirstDirty ? source.End - source.BaseOffset : 0);
        var map = new OffsetMap(KeyDigest.New(_host.Random), _limits.MapBytes, _limits.MapLoad, dirty);
        foreach (var pause in Collect(map))
            yield return pause;
        (Figures.Keys, Figures.MapUtilization, Figures.End) = (map.Count, map.Utilization, map.Latest + 1);
        if (IsVoid)
            yield break;
        using var pass = new CleaningPass(_host, map, new CleanedTransactions(_aborted), _terms, Figures);
        foreach (var group in SegmentGroups.Of(_sources.Where(s => s.BaseOffset < Figures.End), _settings))
        {
            foreach (var step in Clean(group, pass))
                yield return step;
            if (IsVoid)
                yield break;
        }
    }

    private IEnumerable<CleanedSegment?> Collect(OffsetMap map)
    {
        var keys = new KeyCollector(
            _host, map, new CleanedTransactions(_aborted.Where(each => each.LastOffset >= _terms.FirstDirty)),
            _terms.FirstDirty, Figures);
        foreach (var source in _sources.Where(source => source.End > _terms.FirstDirty))
        {
            using var scan = Scan(source);
            while (scan.MoveNext())
            {
                if (!keys.Take(scan, source))
                    yield break;
                if (Moved >= _most)
                    yield return null;
            }

            if (!IsWhole(scan, source))
                yield break;
            map.Reached(source.End - 1);
        }

        if (_host.Has(PlantedBug.ActiveSegmentCleaned))
            CollectActive(keys);
    }

    private void CollectActive(KeyCollector keys)
    {
        var active = _log.View.Active;
        using var scan = Scan(active);
        while (scan.MoveNext())
            keys.Take(scan, active);
    }

    private IEnumerable<CleanedSegment?> Clean(List<SegmentView> group, CleaningPass pass)
    {
        _begunAt = group[0].BaseOffset;
        var cleaned = _unfinished = new CleanedSegment(_host, _directory, group, _settings, _limits.BufferBytes);
        foreach (var source in group)
        {
            using var scan = Scan(source);
            while (scan.MoveNext())
            {
                pass.Take(scan, source, cleaned);
                if (Moved >= _most)
                    yield return null;
            }

            if (!IsWhole(scan, source))
                yield break;
        }

        cleaned.Complete();
        yield return cleaned;
        for (var i = 0; i < group.Count; i++)
            _sources[_released++].File.Release();
    }

    private CheckedScan Scan(SegmentView source) => new(
        source.File, 0, source.Size, source.BaseOffset.Value - 1, source.End.Value,
        Math.Max(_limits.BufferBytes, 4096));

    /// <summary>True where a scan came to its end. Where the log was cut meanwhile there is none.</summary>
    private bool IsWhole(CheckedScan scan, SegmentView source)
    {
        if (scan.Fault is { } fault && !source.IsStale)
            throw source.Damaged(scan.Position, scan.LastOffset + 1, fault);
        IsVoid |= source.IsStale;
        return !IsVoid;
    }
}

/// <summary>What a step of a cleaning came to.</summary>
/// <param name="Bytes">What was read and written.</param>
/// <param name="IsReady">True when a segment is to take its place before the next step.</param>
/// <param name="IsDone">True when nothing is left to do.</param>
public readonly record struct CleaningStep(long Bytes, bool IsReady, bool IsDone);
