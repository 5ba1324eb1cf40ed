using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>One of the directories a broker keeps its logs in: its lock, its identity, its checkpoints, its partitions.</summary>
/// <remarks>Safe from any lane, but calls must not overlap, except <see cref="WriteCheckpoints"/> with none of the
/// others. Members throw <see cref="IOException"/> where the disk refuses.</remarks>
public sealed partial class LogDirectory : IDisposable
{
    private LogDirectory() { }

    /// <summary>Writes <c>meta.properties</c> into a directory that has none, making the directory where absent.</summary>
    public static MetaProperties Format(Host host, string path, string clusterId, BrokerId node) =>
        throw new NotSupportedException();

    /// <summary>Takes the lock, reads the identity and checkpoints, removes the clean-shutdown file and what deletions
    /// left behind.</summary>
    /// <exception cref="IOException">Locked by another process, not formatted, or the disk refused.</exception>
    public static LogDirectory Open(Host host, string path) => throw new NotSupportedException();

    /// <summary>Where it is.</summary>
    public string Path => throw new NotSupportedException();

    /// <summary>Its identity.</summary>
    public MetaProperties Meta => throw new NotSupportedException();

    /// <summary>The broker epoch of the last run where that shut down cleanly; else null.</summary>
    public long? CleanShutdownEpoch => throw new NotSupportedException();

    /// <summary>The partitions found, in order of their directories' names.</summary>
    public IReadOnlyList<TopicPartition> Partitions => throw new NotSupportedException();

    /// <summary>True once the node gave it up.</summary>
    public bool IsOffline => throw new NotSupportedException();

    /// <summary>Gives it up: what is left is closing the logs in it.</summary>
    public void TakeOffline(string reason) => throw new NotSupportedException();

    /// <summary>Opens the logs of all partitions found, recovering several at a time.</summary>
    public Task<IReadOnlyList<LoadedPartition>> LoadAsync(
        Func<TopicPartition, LogSettings> settingsOf, int recoveryThreads) => throw new NotSupportedException();

    /// <summary>Makes a partition's directory and opens its empty log.</summary>
    public PartitionLog Create(TopicPartition partition, TopicId topicId, LogSettings settings) =>
        throw new NotSupportedException();

    /// <summary>Renames a closed log's directory for deletion; <see cref="RemoveDue"/> removes it after the delay.</summary>
    public void Delete(PartitionLog log) => throw new NotSupportedException();

    /// <summary>Removes the directories of deleted partitions whose delay has passed.</summary>
    public void RemoveDue() => throw new NotSupportedException();

    /// <summary>The checkpointed high watermark; null where none is known.</summary>
    public Offset? HighWatermarkOf(TopicPartition partition) => throw new NotSupportedException();

    /// <summary>Writes the recovery point, log start and high watermark checkpoints; a null list leaves one as it is.</summary>
    public void WriteCheckpoints(
        IReadOnlyList<(TopicPartition Partition, Offset Offset)>? recoveryPoints,
        IReadOnlyList<(TopicPartition Partition, Offset Offset)>? logStarts,
        IReadOnlyList<(TopicPartition Partition, Offset Offset)>? highWatermarks) => throw new NotSupportedException();

    /// <summary>Says that all logs were closed cleanly.</summary>
    public void WriteCleanShutdown(long brokerEpoch) => throw new NotSupportedException();

    /// <summary>Releases the lock.</summary>
    public void Dispose() => throw new NotSupportedException();
}
