using Barnabas.Base;
using Barnabas.Log;

namespace Barnabas.Replication;

/// <summary>A batch on its way into a partition's log, and who is told what came of it.</summary>
/// <remarks>From <see cref="Partition.Append"/> on it belongs to the partition's lane; once it is told it may go on its
/// way again, with another batch.</remarks>
public abstract class BatchAppend
{
    private Partition? _partition;
    private PendingBatch _batch;
    private AppendResult _result;

    /// <summary>What is appended.</summary>
    internal ref readonly PendingBatch Batch => ref _batch;

    /// <summary>True to be told when the high watermark has passed the batch, false when the log has it.</summary>
    internal bool UntilCommitted { get; private set; }

    /// <summary>How the log took it.</summary>
    internal ref readonly AppendResult Result => ref _result;

    /// <summary>It sets out.</summary>
    internal void Begin(Partition partition, in PendingBatch batch, bool untilCommitted) =>
        (_partition, _batch, UntilCommitted) = (partition, batch, untilCommitted);

    /// <summary>It has come to the partition's lane.</summary>
    internal void Enqueue() => _partition!.Enqueue(this);

    /// <summary>The log has it, or would not have it.</summary>
    internal void Take(in AppendResult result)
    {
        _result = result;
        var traffic = _partition!.Traffic;
        if (result.Error != ErrorCode.None)
            traffic.Refused(result.Error);
        else if (!result.IsDuplicate)
            traffic.Appended(_batch.Bytes.Length, result.LastOffset.Value - result.BaseOffset.Value + 1);
    }

    /// <summary>It came to no log. Nothing is to be done with it after that.</summary>
    internal void Refuse(ErrorCode error)
    {
        _partition!.Traffic.Refused(error);
        End(AppendAnswer.Refused(error));
    }

    /// <summary>It has come as far as it was to. Nothing is to be done with it after that.</summary>
    internal void Complete(Offset logStart) =>
        End(new AppendAnswer(_result.Error, _result.BaseOffset, _result.MaxTimestamp, logStart));

    /// <summary>Told, once and on the partition's lane, what came of it.</summary>
    protected abstract void Answered(in AppendAnswer answer);

    private void End(in AppendAnswer answer)
    {
        (_partition, _batch) = (null, default);
        Answered(answer);
    }
}

/// <summary>An append that somebody awaits.</summary>
internal sealed class AwaitedAppend : BatchAppend
{
    // Plain: who awaits it is on a lane of its own and goes on there, and what combines such tasks stays off the thread
    // pool.
    private readonly TaskCompletionSource<AppendAnswer> _answered = new();

    /// <summary>Completes with what came of it.</summary>
    internal Task<AppendAnswer> Task => _answered.Task;

    /// <inheritdoc/>
    protected override void Answered(in AppendAnswer answer) => _answered.SetResult(answer);
}
