using Barnabas.Base;
using Barnabas.Rpc;
using Barnabas.Wire.Messages;

namespace Barnabas.Client;

/// <summary>What becomes of batches that were sent: delivered, sent again, split, given up. Owned by the client's
/// lane.</summary>
internal sealed class BatchOutcomes(
    ClientCore core, ProducerOptions options, Accumulator accumulator, ProducerIdentity identity)
{
    private KafkaException? _failure;

    /// <summary>What may be sent in transactions; null for a producer without them.</summary>
    public TransactionGate? Gate { get; init; }

    /// <summary>The first failure since the last call that nobody has been told of; null when there is none.</summary>
    public KafkaException? TakeFailure()
    {
        var failure = _failure;
        _failure = null;
        return failure;
    }

    /// <summary>The broker has answered.</summary>
    public void Answered(
        List<(PartitionQueue Queue, ProducerBatch Batch)> sent, ProduceRequest request, ProduceResponse answer)
    {
        var byPartition = ProduceCall.ByPartition(request, answer);
        foreach (var (queue, batch) in sent)
        {
            if (!byPartition.TryGetValue(queue.Partition, out var partition))
            {
                Failed(queue, batch, ErrorCode.UnknownServerError, "the broker's answer leaves the partition out");
                continue;
            }

            Learn(answer, queue.Partition, partition);
            if (partition.ErrorCode == ErrorCode.None)
                Delivered(queue, batch, partition.BaseOffset, partition.LogAppendTimeMs);
            else if (partition.ErrorCode == ErrorCode.DuplicateSequenceNumber)
                Delivered(queue, batch, Offset.None, -1);
            else
                Failed(queue, batch, partition.ErrorCode, Reason(partition));
        }
    }

    /// <summary>The batches have left, and no answer will come: acks=0.</summary>
    public void Sent(List<(PartitionQueue Queue, ProducerBatch Batch)> sent)
    {
        foreach (var (queue, batch) in sent)
            Delivered(queue, batch, Offset.None, -1);
    }

    /// <summary>No answer came.</summary>
    public void Lost(List<(PartitionQueue Queue, ProducerBatch Batch)> sent, PeerLostException fault)
    {
        core.Metadata.Doubt();
        var code = fault.TimedOut ? ErrorCode.RequestTimedOut : ErrorCode.NetworkException;
        foreach (var (queue, batch) in sent)
        {
            batch.MayHaveBeenApplied |= fault.MayHaveArrived;
            // Without acks a retry could only write twice what nobody counts.
            if (options.Acks == Acks.None && fault.MayHaveArrived)
                GiveUp(queue, batch, code, fault.Message);
            else
                Failed(queue, batch, code, fault.Message, isDefinite: !fault.MayHaveArrived);
        }
    }

    /// <summary>All batches failed in the same way.</summary>
    public void Failed(List<(PartitionQueue Queue, ProducerBatch Batch)> sent, ErrorCode code, string? why)
    {
        foreach (var (queue, batch) in sent)
            Failed(queue, batch, code, why);
    }

    /// <summary>Gives up what has waited for longer than the delivery timeout, or all once the producer is done for or
    /// its transaction is to be aborted.</summary>
    public void Expire(PartitionQueue queue, long now)
    {
        if (identity.Fatal is null && Gate?.Failure is null && !IsOverdue(queue, now))
            return;
        List<ProducerBatch> waiting = [];
        lock (queue.Gate)
        {
            accumulator.Close(queue);
            while (queue.FirstFull is { } full && IsGivenUp(full, now) && full.IsSealable)
                waiting.Add(queue.TakeFull());
        }

        foreach (var batch in queue.Retries.Where(b => IsGivenUp(b, now)).ToList())
        {
            queue.Retries.Remove(batch);
            Break(queue);
            waiting.Add(batch);
        }

        foreach (var batch in waiting)
        {
            Tell(queue, batch, Verdict(batch));
            accumulator.Release(batch);
        }

        // What is under way keeps its memory until the request is done with it; only its fate is told now.
        foreach (var batch in queue.InFlight.Where(b => !b.Fate.IsKnown && IsOver(b, now)))
        {
            batch.MayHaveBeenApplied = true;
            Tell(queue, batch, Verdict(batch));
        }
    }

    /// <summary>Closes a gap in the sequences by a new epoch, once nothing is under way (KIP-360), and once nothing
    /// that waits to be sent again may be in the log: that goes under its old sequence until the broker has
    /// said.</summary>
    public void RaiseEpochIfIdle(PartitionQueue queue)
    {
        if (!queue.Sequences.IsBroken || queue.InFlight.Count > 0 || identity.Id == ProducerId.None
            || queue.IsFirstRetryInDoubt)
        {
            return;
        }

        if (!queue.Sequences.TryRaise(identity.Id, identity.Epoch))
        {
            identity.Forget();
            return;
        }

        // The first of them is not in the log, so those behind it are not either.
        foreach (var batch in queue.Retries)
            batch.MayHaveBeenApplied = false;
        foreach (var batch in queue.Retries)
            batch.Seal(queue.Sequences.Id, queue.Sequences.Epoch, queue.Sequences.Take(batch.Count));
    }

    private void Learn(ProduceResponse answer, TopicPartition of, ProduceResponse.PartitionProduceResponse partition)
    {
        if (partition.CurrentLeader.LeaderId == BrokerId.None)
            return;
        var endpoint = answer.NodeEndpoints.Find(e => e.NodeId == partition.CurrentLeader.LeaderId);
        core.Metadata.Learn(
            of, partition.CurrentLeader.LeaderId, partition.CurrentLeader.LeaderEpoch,
            endpoint is null ? null : new BrokerAddress(endpoint.NodeId, endpoint.Host, endpoint.Port, endpoint.Rack));
    }

    private static string? Reason(ProduceResponse.PartitionProduceResponse partition)
    {
        var first = partition.RecordErrors.Count > 0 ? partition.RecordErrors[0] : null;
        return first is null
            ? partition.ErrorMessage
            : $"{partition.ErrorMessage} record {first.BatchIndex} of the batch: {first.BatchIndexErrorMessage}";
    }

    private void Delivered(PartitionQueue queue, ProducerBatch batch, Offset baseOffset, long appendTime)
    {
        queue.InFlight.Remove(batch);
        queue.Sequences.Acknowledge();
        batch.Fate.Delivered(queue.Partition, baseOffset, appendTime);
        accumulator.Release(batch);
    }

    private void Failed(
        PartitionQueue queue, ProducerBatch batch, ErrorCode code, string? why, bool isDefinite = false)
    {
        var isHead = queue.InFlight.Count == 0 || queue.InFlight[0] == batch;
        isHead &= queue.Retries.Count == 0 || queue.Retries[0].BaseSequence > batch.BaseSequence;
        var remedy = ProducerError.RemedyOf(
            code, isHead, identity.IsUsed, batch.MayHaveBeenApplied, batch.Count);
        batch.MayHaveBeenApplied |= !isDefinite && ProducerError.IsIndefinite(code);
        batch.LastError = code;
        if (code.WantsFreshMetadata())
            core.Metadata.Doubt();
        if (code == ErrorCode.OutOfOrderSequenceNumber && isHead && queue.Sequences.IsBroken)
        {
            // What went before was given up and is not in the log, so this one is not either.
            (batch.MayHaveBeenApplied, remedy) = (false, Remedy.RaiseEpochAndRetry);
        }

        if (ProducerError.IsFatal(code))
            identity.Condemn(Exception(code, why, batch));
        var now = core.Host.Time.GetTimestamp();
        var isOver = batch.Fate.IsKnown || IsOver(batch, now) || batch.Attempts > options.Retries;
        switch (remedy)
        {
            case Remedy.Split:
                SplitUp(queue, batch);
                break;
            case Remedy.RaiseEpochAndRetry when !isOver && Gate is null:
                queue.Sequences.IsBroken = true;
                Again(queue, batch);
                break;
            case Remedy.Retry when !isOver && Gate?.Failure is null:
                Again(queue, batch);
                break;
            default:
                GiveUp(queue, batch, code, why);
                break;
        }
    }

    private void Again(PartitionQueue queue, ProducerBatch batch)
    {
        queue.InFlight.Remove(batch);
        var pause = TransactionCalls.Pause(core, batch.LastError, Math.Min(batch.Attempts - 1, 10));
        batch.NotBefore = Deadline.In(core.Host.Time, pause).At;
        Insert(queue, batch);
    }

    /// <summary>Keeps retries in the order of their sequences; without sequences, of their age.</summary>
    private void Insert(PartitionQueue queue, ProducerBatch batch)
    {
        var at = queue.Retries.FindIndex(b => identity.IsUsed
            ? SequenceState.Precedes(batch.BaseSequence, b.BaseSequence)
            : b.Created > batch.Created);
        queue.Retries.Insert(at < 0 ? queue.Retries.Count : at, batch);
    }

    private void SplitUp(PartitionQueue queue, ProducerBatch batch)
    {
        queue.InFlight.Remove(batch);
        var (first, second) = batch.Split();
        (first.Accounted, second.Accounted) = (batch.Accounted / 2, batch.Accounted - (batch.Accounted / 2));
        batch.Accounted = 0;
        var sequence = batch.BaseSequence;
        var (id, epoch) = sequence < 0
            ? (ProducerId.None, (short)-1)
            : (queue.Sequences.Id, queue.Sequences.Epoch);
        foreach (var half in (ProducerBatch[])[first, second])
        {
            accumulator.CloseNow(half);
            half.MayHaveBeenApplied = batch.MayHaveBeenApplied;
            half.Seal(id, epoch, sequence);
            sequence = sequence < 0 ? -1 : SequenceState.After(sequence, half.Count);
            Insert(queue, half);
        }

        accumulator.Release(batch);
    }

    private void GiveUp(PartitionQueue queue, ProducerBatch batch, ErrorCode code, string? why)
    {
        queue.InFlight.Remove(batch);
        Break(queue);
        Tell(queue, batch, Exception(code, why, batch));
        accumulator.Release(batch);
    }

    /// <summary>A sequence will never be filled.</summary>
    private void Break(PartitionQueue queue)
    {
        if (Gate is { } gate)
            gate.HasGap = true;
        else
            queue.Sequences.IsBroken |= identity.IsUsed;
    }

    private void Tell(PartitionQueue queue, ProducerBatch batch, KafkaException why)
    {
        if (batch.Fate.Unobserved > 0 && !batch.Fate.IsKnown)
            _failure ??= why;
        Gate?.Fail(why);
        batch.Fate.Failed(queue.Partition, why);
    }

    private KafkaException Verdict(ProducerBatch batch) => (identity.Fatal ?? Gate?.Failure) is { } cause
        ? TransactionFault.Again(cause, batch.MayHaveBeenApplied)
        : Exception(
            batch.LastError == ErrorCode.None ? ErrorCode.RequestTimedOut : batch.LastError,
            $"not delivered within {options.DeliveryTimeout.TotalSeconds:0.#} s", batch);

    private KafkaException Exception(ErrorCode code, string? why, ProducerBatch batch)
    {
        if (Gate is not { } gate)
        {
            return new(code, why)
            {
                IsFatal = ProducerError.IsFatal(code),
                MayHaveBeenApplied = batch.MayHaveBeenApplied,
            };
        }

        return TransactionFault.OfPartition(code, why, gate.IsOverdue, batch.MayHaveBeenApplied);
    }

    private bool IsOverdue(PartitionQueue queue, long now)
    {
        lock (queue.Gate)
            return queue.Unsettled().Any(b => !b.Fate.IsKnown && IsOver(b, now));
    }

    /// <summary>True for a batch that is not to be sent any more.</summary>
    private bool IsGivenUp(ProducerBatch batch, long now) => Gate?.Failure is not null || IsOver(batch, now);

    private bool IsOver(ProducerBatch batch, long now) =>
        identity.Fatal is not null || core.Host.Time.GetElapsedTime(batch.Created, now) >= options.DeliveryTimeout;
}
