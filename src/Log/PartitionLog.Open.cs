using Barnabas.Base;

namespace Barnabas.Log;

public sealed partial class PartitionLog
{
    /// <summary>Opens the log in <paramref name="directory"/>, which is made where absent, and recovers it where
    /// needed: then all it holds is synced when this returns. Blocks; runs on no lane yet.</summary>
    /// <param name="host">Disk, clock, chance and lanes.</param>
    /// <param name="directory">The partition's directory.</param>
    /// <param name="partition">Which partition it is.</param>
    /// <param name="settings">The configs to begin with.</param>
    /// <param name="hints">What the log directory's checkpoints say.</param>
    /// <exception cref="LogDamagedException">Synced bytes are damaged: the replica cannot be used.</exception>
    /// <exception cref="IOException">The disk refused.</exception>
    public static PartitionLog Open(
        Host host, string directory, TopicPartition partition, LogSettings settings, OpenHints hints)
    {
        var logger = host.Log.CreateLogger("Barnabas.Log");
        var log = new PartitionLog(host, logger, directory, partition, settings, hints);
        var opened = false;
        try
        {
            log.Load();
            opened = true;
            return log;
        }
        finally
        {
            if (!opened)
                log.DisposeFiles();
        }
    }

    private void Load()
    {
        if (!_host.Disk.DirectoryExists(_directory))
        {
            _host.Disk.CreateDirectory(_directory);
            if (Path.GetDirectoryName(_directory) is { Length: > 0 } parent)
                _host.Disk.SyncDirectory(parent);
        }

        var files = DirectoryFiles.Settle(_host.Disk, _logger, _directory);
        if (files.HasTopicId)
            ReadTopicId();
        foreach (var snapshot in files.Snapshots)
            _snapshots.Found(snapshot);
        var firstSuspect = OpenSegments(files);
        if (!files.HasEpochs)
        {
            _epochs = EpochHistory.Empty;
        }
        else if (EpochCheckpoint.TryRead(_host.Disk, _directory) is { } epochs)
        {
            _epochs = epochs;
        }
        else
        {
            LogEvents.SideFileDamaged(_logger, EpochCheckpoint.PathIn(_directory));
            firstSuspect = 0;
        }

        if (_segments.Count == 0)
            Begin();
        else
            LoadSegments(firstSuspect);
        _snapshots.RemoveStray(_segments.ConvertAll(static segment => segment.BaseOffset));
        _epochsAsClosed = _epochs;
        _hints = _hints with { Progress = null };
        PublishSegments();
    }

    /// <summary>Opens all segments; returns the first whose indexes are missing or impossible.</summary>
    private int OpenSegments(DirectoryFiles files)
    {
        var firstSuspect = int.MaxValue;
        foreach (var baseOffset in files.Segments)
        {
            var (segment, hasIndexes) = Segment.Open(_host.Disk, _logger, (_directory, files), baseOffset, NowMs);
            _segments.Add(segment);
            if (hasIndexes)
                continue;
            LogEvents.SideFileDamaged(_logger, segment.PathOf(SegmentFiles.OffsetIndex));
            firstSuspect = Math.Min(firstSuspect, _segments.Count - 1);
        }

        for (var i = 0; i + 1 < _segments.Count; i++)
            _segments[i].EndAt(_segments[i + 1].BaseOffset);
        return firstSuspect;
    }

    private void Begin()
    {
        var start = Offset.Max(_hints.LogStart, Offset.Zero);
        _epochs = EpochHistory.Empty;
        _snapshots.RemoveAll();
        AddSegment(CreateSegment(start));
        _logStart = _end = _flushed = start;
        _isAsClosed = true;
    }

    private void LoadSegments(int firstSuspect)
    {
        _logStart = Offset.Max(_hints.LogStart, _segments[0].BaseOffset);
        var first = Math.Min(firstSuspect, _hints.CleanShutdown ? int.MaxValue : SegmentBelow(_hints.RecoveryPoint));
        if (first == int.MaxValue && !Active.TryResume(Settings))
        {
            LogEvents.SideFileDamaged(_logger, Active.PathOf(SegmentFiles.OffsetIndex));
            first = _segments.Count - 1;
        }

        if (first == int.MaxValue)
        {
            _isAsClosed = true;
            _end = _flushed = Active.End;
            SetEpochs(_epochs.TruncateFromEnd(_end));
            ReloadProducers();
        }
        else
        {
            Recover(first);
        }

        if (_logStart > _end)
            StartAnewAt(_logStart);
        SetEpochs(_epochs.TruncateFromStart(_logStart));
        _producers.Expire(NowMs, Settings.ProducerIdExpiration);
    }

    /// <summary>Remembers the producers anew: from the newest snapshot not above the end, and the batches after
    /// it.</summary>
    private void ReloadProducers() => ReplayProducers(LoadSnapshot(_end), _end);

    /// <summary>Takes the newest snapshot up to <paramref name="bound"/>; returns where the batches it lacks
    /// begin.</summary>
    private Offset LoadSnapshot(Offset bound)
    {
        var newest = _snapshots.ReadNewest(bound);
        var at = newest?.Offset ?? Offset.Zero;
        _producers.Reset(newest?.Producers ?? [], at);
        return at;
    }

    private void ReplayProducers(Offset from, Offset to)
    {
        if (_host.Has(PlantedBug.ReplayBeginsLate))
            from += 1;
        Span<byte> buffer = stackalloc byte[BatchScan.BufferSize];
        foreach (var segment in _segments)
        {
            if (segment.BaseOffset >= to || segment.End <= from)
                continue;
            var scan = new BatchScan(segment.Log, 0, segment.Size, buffer);
            while (scan.MoveNext() && scan.LastOffset < to.Value)
            {
                if (scan.LastOffset >= from.Value && scan.Magic == 2 && scan.Header.ProducerId != ProducerId.None)
                    Replay(segment, scan);
            }

            if (scan.Fault is { } fault)
                throw new LogDamagedException(new(segment.Log.Path, scan.End, new(scan.LastOffset + 1), fault));
        }
    }

    private void Replay(Segment segment, in BatchScan scan)
    {
        TransactionMarker? marker = null;
        if (scan.Header.Attributes.IsControl)
        {
            var bytes = new byte[scan.Size];
            segment.Log.Read(scan.Position, bytes);
            marker = TransactionMarker.Of(bytes);
        }

        _producers.Apply(scan.Header, marker);
        _producers.Keep();
    }

    /// <summary>The segment with the last record below the recovery point.</summary>
    /// <remarks>Not the one that begins there: the point may have been written when the segment before it
    /// ended there and was active still, its indexes not synced.</remarks>
    private int SegmentBelow(Offset recoveryPoint)
    {
        var at = _segments.Count - 1;
        while (at > 0 && _segments[at].BaseOffset >= recoveryPoint)
            at--;
        return at;
    }

    private void ReadTopicId()
    {
        var path = Path.Combine(_directory, SegmentFiles.PartitionMetadata);
        TopicId = PartitionMetadata.TryParse(AtomicFile.ReadFound(_host.Disk, path) ?? "")
            ?? throw new LogDamagedException(new(path, 0, Offset.Zero, "it does not name a topic id"));
    }
}
