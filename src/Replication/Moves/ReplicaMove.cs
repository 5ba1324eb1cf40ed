using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Records;

namespace Barnabas.Replication;

/// <summary>A partition's log on its way to another log directory (KIP-113): a copy that follows the log until it can
/// take its place. Owned by the lane of the moves.</summary>
/// <remarks>The copy is made of batches, as a follower would make it, and held against the log as one would be: where
/// it parts from the log, which after a crash it may, it is cut.</remarks>
/// <param name="host">The machine.</param>
/// <param name="partition">The partition.</param>
/// <param name="target">Where its log goes.</param>
/// <param name="settings">The configs of its topic.</param>
internal sealed class ReplicaMove(Host host, Partition partition, LogDirectory target, LogSettings settings)
{
    /// <summary>Read and written at a time.</summary>
    public const int ChunkBytes = 1 << 20;

    /// <summary>So much may be missing when the partition's writers are made to wait.</summary>
    private const int LastChunks = 16;

    private volatile PartitionLog? _copy;
    private EpochHistory? _agreed;

    /// <summary>The partition.</summary>
    public Partition Partition => partition;

    /// <summary>Where its log goes.</summary>
    public LogDirectory Target => target;

    /// <summary>True once it was completed or given up.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Why the last attempt to copy came to nothing; null when it did not.</summary>
    public string? Obstacle { get; private set; }

    /// <summary>The fault that kept the copy from taking the log's place; null while there was none.</summary>
    public IOException? Fault { get; private set; }

    /// <summary>True when the target's disk left the copy in doubt: it cannot be gone on with.</summary>
    public bool HasFailed => _copy is { Failed: true };

    /// <summary>The copy as it is; null while it is not open. From any lane.</summary>
    public LogView? Copied => _copy?.View;

    /// <summary>Opens the copy: what an earlier run has left of it, or a new one.</summary>
    /// <exception cref="IOException">The target's disk refused.</exception>
    public async Task OpenAsync()
    {
        if (IsOver || _copy is not null || partition.View is not { Log: { } log } view)
            return;
        var copy = await host.Lanes.RunBlockingAsync(
            () => target.OpenCopy(view.Name, view.TopicId, settings, log.LogStart));
        if (IsOver)
            await copy.CloseAsync(clean: false);
        else
            _copy = copy;
    }

    /// <summary>Appends to the copy what comes next.</summary>
    /// <param name="most">So many bytes, as far as batches can be so small.</param>
    /// <returns>How many bytes it were, and whether the copy has got to where the log ended when it was read; null
    /// where there is an <see cref="Obstacle"/>.</returns>
    /// <exception cref="IOException">The target's disk refused.</exception>
    public async Task<(int Bytes, bool IsLevel)?> CopyAsync(int most)
    {
        if (IsOver || _copy is not { } copy || partition.View.Log is not { } log)
        {
            Obstacle = "the partition is offline";
            return null;
        }

        Agree(copy, log);
        using var chunk = await ReadAsync(log, Offset.Max(copy.View.End, log.LogStart), most);
        if (chunk is null || IsOver)
            return null;
        if (chunk.Batches() is not { } batches)
        {
            Obstacle = "it has batches of a format older than v2";
            return null;
        }

        if (batches.Count > 0)
            Append(copy, batches);
        if (copy.View.End < log.LogStart)
            copy.TruncateFullyAndStartAt(log.LogStart);
        copy.DeleteTo(log.LogStart);
        Obstacle = null;
        return (chunk.Bytes, copy.View.End >= log.End);
    }

    /// <summary>Puts on disk what was copied, and remembers it.</summary>
    /// <exception cref="IOException">The target's disk refused.</exception>
    public async Task FlushAsync()
    {
        if (IsOver || _copy is not { } copy)
            return;
        await copy.FlushAsync();
        await host.Lanes.RunBlockingAsync(() =>
        {
            target.CheckpointCopy(copy);
            return true;
        });
    }

    /// <summary>Copies the rest, while nothing is added to the log, and makes the copy the partition's log.</summary>
    /// <param name="log">The log as it stands.</param>
    /// <param name="highWatermark">The partition's high watermark.</param>
    /// <returns>The log, open in its new place; null where too much is missing, or where there is a
    /// <see cref="Fault"/> or an <see cref="Obstacle"/>.</returns>
    public async Task<PartitionLog?> CompleteAsync(LogHandover log, Offset highWatermark)
    {
        try
        {
            for (var i = 0; i < LastChunks; i++)
            {
                if (await CopyAsync(ChunkBytes) is not { } copied)
                    return null;
                if (copied.IsLevel)
                    return await PromoteAsync(log, highWatermark);
            }
        }
        catch (IOException fault)
        {
            Fault = fault;
        }

        return null;
    }

    /// <summary>Ends the move. What was copied stays on disk: the next start goes on with it, unless it is
    /// dropped.</summary>
    /// <param name="clean">True to leave nothing to recover.</param>
    /// <returns>The copy, closed; null where it was not open.</returns>
    /// <exception cref="IOException">The target's disk refused.</exception>
    public async Task<PartitionLog?> CloseAsync(bool clean)
    {
        var copy = Take();
        if (copy is not null)
            await copy.CloseAsync(clean && !copy.Failed);
        return copy;
    }

    private async Task<PartitionLog?> PromoteAsync(LogHandover log, Offset highWatermark)
    {
        if (Take() is not { } copy)
            return null;
        try
        {
            copy.TakeOver(log);
        }
        catch (IOException)
        {
            await copy.CloseAsync(clean: false);
            throw;
        }

        await copy.CloseAsync(clean: true);
        return await host.Lanes.RunBlockingAsync(() => target.Promote(copy, highWatermark));
    }

    private PartitionLog? Take()
    {
        var copy = _copy;
        (IsOver, _copy) = (true, null);
        return copy;
    }

    /// <summary>Cuts off the copy what the log does not have, or has in another epoch.</summary>
    private void Agree(PartitionLog copy, LogView log)
    {
        if (ReferenceEquals(_agreed, log.Epochs) && copy.View.End <= log.End)
            return;
        copy.TruncateTo(copy.View.Epochs.AgreesUpTo(copy.View.End, log.Epochs, log.End));
        _agreed = log.Epochs;
    }

    private async Task<LogChunk?> ReadAsync(LogView log, Offset from, int most)
    {
        try
        {
            return await host.Lanes.RunBlockingAsync(() => LogChunk.Read(log, from, most));
        }
        catch (IOException fault)
        {
            // The log was cut, closed or deleted under the reader, or is damaged. Only the first are over soon.
            Obstacle = fault.Message;
            return null;
        }
    }

    private static void Append(PartitionLog copy, IReadOnlyList<PendingBatch> batches)
    {
        var first = new RecordBatch(batches[0].Bytes.Span).BaseOffset;
        // The log may begin within its first batch.
        if (copy.View.End == copy.View.LogStart && copy.View.End > first)
            copy.TruncateFullyAndStartAt(first);
        else if (copy.View.End > first)
            copy.TruncateTo(first);
        var largest = batches.Max(batch => batch.Bytes.Length);
        if (largest > copy.Settings.SegmentBytes)
            copy.Settings = copy.Settings with { SegmentBytes = largest };
        var results = copy.Append(batches);
        Invariant.Holds(
            Array.TrueForAll(results, result => result.Error == ErrorCode.None), "a copy takes what the log has taken");
    }
}
