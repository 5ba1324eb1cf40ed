using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>The log of one partition replica. Owned by one lane; <see cref="View"/> may be read from any.</summary>
/// <remarks>Members that change it are called on its lane and throw <see cref="IOException"/> where the disk refuses. When
/// that leaves doubt about what is on disk the log is <see cref="Failed"/> and refuses all from then on.</remarks>
public sealed partial class PartitionLog
{
    private PartitionLog() { }

    /// <summary>Opens the log in <paramref name="directory"/>, which is made where absent, and recovers it where needed.</summary>
    /// <exception cref="LogDamagedException">Synced bytes are damaged: the replica cannot be used.</exception>
    /// <exception cref="IOException">The disk refused.</exception>
    public static PartitionLog Open(
        Host host, string directory, TopicPartition partition, LogSettings settings, OpenHints hints) =>
        throw new NotSupportedException();

    /// <summary>Which partition it is.</summary>
    public TopicPartition Partition => throw new NotSupportedException();

    /// <summary>The partition's directory.</summary>
    public string Directory => throw new NotSupportedException();

    /// <summary>The configs in force; a change takes effect with the next append.</summary>
    public LogSettings Settings { get; set; } = new();

    /// <summary>The log as it is now. From any lane.</summary>
    public LogView View => throw new NotSupportedException();

    /// <summary>True once a fault of the disk left it in doubt; nothing works any more but closing.</summary>
    public bool Failed => throw new NotSupportedException();

    /// <summary>The topic's id as <c>partition.metadata</c> names it; null where there is no such file.</summary>
    public TopicId? TopicId => throw new NotSupportedException();

    /// <summary>Writes the topic's id to <c>partition.metadata</c>.</summary>
    public void SetTopicId(TopicId id) => throw new NotSupportedException();

    /// <summary>Appends the batches in order, in one write for all that fits the segment.</summary>
    /// <returns>One result for each batch. Nothing is durable before a flush.</returns>
    /// <exception cref="IOException">The write failed. Unless <see cref="Failed"/>, what it left was cut off
    /// again and the log can go on, say when the disk has space again.</exception>
    public AppendResult[] Append(IReadOnlyList<PendingBatch> batches) => throw new NotSupportedException();

    /// <summary>The leader of a new epoch begins: it starts at the log's end, with or without records.</summary>
    public void AssignEpoch(LeaderEpoch epoch) => throw new NotSupportedException();

    /// <summary>Makes all that was appended before the call durable; calls made meanwhile share the next sync.</summary>
    /// <returns>The offset below which all is on disk, at least the end at the call. Fails with an
    /// <see cref="IOException"/>, and the log with it, when a sync fails; a sync is never tried again.</returns>
    public Task<Offset> FlushAsync() => throw new NotSupportedException();

    /// <summary>True when <c>flush.messages</c> or <c>flush.ms</c> asks for a flush now.</summary>
    public bool FlushDue => throw new NotSupportedException();

    /// <summary>Where a recovery would have to begin: what the checkpoint may say.</summary>
    public Offset RecoveryPoint => throw new NotSupportedException();

    /// <summary>Cuts the log at <paramref name="end"/>; does nothing where it ends there or before.</summary>
    public void TruncateTo(Offset end) => throw new NotSupportedException();

    /// <summary>Drops everything and begins anew at <paramref name="start"/>.</summary>
    public void TruncateFullyAndStartAt(Offset start) => throw new NotSupportedException();

    /// <summary>Moves the log start offset up; segments wholly below it are deleted.</summary>
    public IReadOnlyList<DeletedSegment> DeleteTo(Offset logStart) => throw new NotSupportedException();

    /// <summary>Deletes old segments by time, size and log start, never beyond <paramref name="highWatermark"/>; removes
    /// files whose delay has passed; forgets expired producers.</summary>
    public IReadOnlyList<DeletedSegment> ApplyRetention(Offset highWatermark) => throw new NotSupportedException();

    /// <summary>Ends the active segment and begins a new one; does nothing where it is empty.</summary>
    public void Roll() => throw new NotSupportedException();

    /// <summary>The producers it remembers, by id.</summary>
    public IReadOnlyList<ActiveProducer> DescribeProducers() => throw new NotSupportedException();

    /// <summary>Closes all files. With <paramref name="clean"/> everything is flushed, indexes are trimmed, a producer
    /// snapshot is written: the next start need not recover it.</summary>
    public Task CloseAsync(bool clean) => throw new NotSupportedException();

    /// <summary>Closes all files and deletes the directory at once; <see cref="LogDirectory"/> has the delayed form.</summary>
    public void Delete() => throw new NotSupportedException();
}
