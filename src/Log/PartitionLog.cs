using Barnabas.Base;
using Microsoft.Extensions.Logging;

namespace Barnabas.Log;

/// <summary>The log of one partition replica. Owned by one lane; <see cref="View"/> may be read from any.</summary>
/// <remarks>Members that change it are called on its lane and throw <see cref="IOException"/> where the disk
/// refuses. When that leaves doubt about what is on disk the log is <see cref="Failed"/> and refuses all from
/// then on.</remarks>
public sealed partial class PartitionLog
{
    private readonly Host _host;
    private readonly ILogger _logger;
    private OpenHints _hints;
    private readonly List<Segment> _segments = [];
    private readonly ProducerStates _producers;
    private readonly SnapshotFiles _snapshots;
    private SegmentView[] _closedViews = [];
    private long _closedBytes;
    private readonly EpochFile _epochFile;
    private EpochHistory _epochs = EpochHistory.Empty;
    private long _epochVersion;
    private EpochHistory _epochsAsClosed = EpochHistory.Empty;

    /// <summary>True while nothing was done to the log since it was made, or opened after a clean stop.</summary>
    private bool _isAsClosed;
    private Offset _logStart;
    private Offset _end;
    private LogView? _view;
    private volatile string? _failure;
    private string _directory;

    private PartitionLog(
        Host host, ILogger logger, string directory, TopicPartition partition, LogSettings settings, OpenHints hints)
    {
        (_host, _logger, _directory, _hints) = (host, logger, directory, hints);
        (Partition, Settings) = (partition, settings);
        _producers = new(host.Planted);
        _snapshots = new(host.Disk, logger, directory);
        _epochFile = new(host.Disk, directory);
        _lastFlushMs = NowMs;
    }

    /// <summary>Which partition it is.</summary>
    public TopicPartition Partition { get; }

    /// <summary>The partition's directory.</summary>
    public string Directory => _directory;

    /// <summary>The configs in force; a change takes effect with the next append.</summary>
    public LogSettings Settings { get; set; }

    /// <summary>The log as it is now. From any lane.</summary>
    public LogView View => Volatile.Read(ref _view)!;

    /// <summary>True once a fault of the disk left it in doubt, or it was closed; nothing works any more but closing.
    /// From any lane.</summary>
    public bool Failed => _failure is not null;

    /// <summary>The topic's id as <c>partition.metadata</c> names it; null where there is no such file.</summary>
    public TopicId? TopicId { get; private set; }

    private Segment Active => _segments[^1];

    private long NowMs => _host.Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Writes the topic's id to <c>partition.metadata</c>, durably.</summary>
    public void SetTopicId(TopicId id)
    {
        ThrowIfFailed();
        var path = Path.Combine(_directory, SegmentFiles.PartitionMetadata);
        AtomicFile.Write(_host.Disk, path, PartitionMetadata.Format(id));
        // That has synced the directory, with whatever else was made in it.
        _directoryDirty = false;
        TopicId = id;
    }

    /// <summary>The leader of a new epoch begins: it starts at the log's end, with or without records.</summary>
    public void AssignEpoch(LeaderEpoch epoch)
    {
        ThrowIfFailed();
        SetEpochs(_epochs.With(epoch, _end));
        Publish();
    }

    /// <summary>The producers it remembers, by id. Called on its lane.</summary>
    public IReadOnlyList<ActiveProducer> DescribeProducers()
    {
        var all = _producers.ToList();
        return all.ConvertAll(static producer => producer.State.Describe(producer.Id));
    }

    /// <summary>Closes all files. With <paramref name="clean"/> everything is flushed, indexes are trimmed, a
    /// producer snapshot is written: the next start need not recover it.</summary>
    /// <exception cref="IOException">The disk refused; the files are closed all the same, but not
    /// cleanly.</exception>
    public async Task CloseAsync(bool clean)
    {
        try
        {
            if (clean)
                await CloseCleanlyAsync();
        }
        catch (IOException fault)
        {
            Fail(fault);
            throw;
        }
        finally
        {
            _failure ??= "it was closed";
            DisposeFiles();
        }
    }

    /// <summary>Closes all files and deletes the directory at once; <see cref="LogDirectory"/> has the delayed
    /// form.</summary>
    public void Delete()
    {
        _failure ??= "it was deleted";
        DisposeFiles();
        _host.Disk.DeleteDirectory(_directory);
    }

    /// <summary>The closed log's directory has another name now.</summary>
    internal void MovedTo(string directory) => _directory = directory;

    private async Task CloseCleanlyAsync()
    {
        ThrowIfFailed();
        Active.Finish();
        // What the last clean stop made durable need not be made so again: most partitions are idle. An epoch without
        // records is not looked for in the next run either.
        if (_isAsClosed && !HasUnsynced && _epochs.TruncateFromEnd(_end).Equals(_epochsAsClosed))
            return;
        NeedFullSync(Active);
        _snapshots.Write(_end, _producers);
        await FlushAsync();
    }

    /// <summary>Shows readers the log as it is.</summary>
    private void Publish()
    {
        var active = Active.View;
        Volatile.Write(ref _view, new LogView(_closedViews, active)
        {
            LogStart = _logStart,
            End = _end,
            FlushedOffset = _flushed,
            Epochs = _epochs,
            FirstOpenTransaction = _producers.FirstOpenTransaction,
            ProducerCount = _producers.Count,
            SizeInBytes = _closedBytes + active.Size,
        });
    }

    /// <summary>The list of segments has changed.</summary>
    private void PublishSegments()
    {
        _closedViews = new SegmentView[_segments.Count - 1];
        _closedBytes = 0;
        for (var i = 0; i < _closedViews.Length; i++)
        {
            _closedViews[i] = _segments[i].View;
            _closedBytes += _segments[i].Size;
        }

        Publish();
    }

    private void SetEpochs(EpochHistory epochs)
    {
        if (ReferenceEquals(epochs, _epochs))
            return;
        _epochs = epochs;
        _epochVersion++;
    }

    private void ThrowIfFailed()
    {
        if (_failure is { } why)
            throw new IOException($"the log of {Partition} cannot be used: {why}");
    }

    /// <summary>What is on disk is in doubt: nothing is done to it any more.</summary>
    private void Fail(IOException fault)
    {
        if (_failure is not null)
            return;
        _failure = fault.Message;
        LogEvents.Failed(_logger, Partition, fault.Message);
    }

    private void DisposeFiles()
    {
        foreach (var segment in _segments)
            segment.Dispose();
        while (_replaced.TryDequeue(out var replaced))
            replaced.Segment.Dispose();
        _snapshots.Close();
        _segments.RemoveRange(0, Math.Max(_segments.Count - 1, 0));
    }
}
