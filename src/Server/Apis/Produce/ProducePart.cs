using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Records;
using Barnabas.Replication;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis.Produce;

/// <summary>One partition of a Produce request, from the gate to the answer.</summary>
/// <remarks>Owned by the connection's lane but for the append, which its partition tells of.</remarks>
internal sealed class ProducePart(ProduceExchange exchange) : BatchAppend
{
    private ErrorCode _refusal;
    private string? _reason;
    private bool _isLogAppendTime;
    private bool _hasBegun;
    private bool _isAnswered;
    private AppendAnswer _answer;
    private PooledBytes? _replacement;

    /// <summary>The topic as the client named it.</summary>
    [AllowNull]
    public ProduceRequest.TopicProduceData Topic { get; private set; }

    /// <summary>The partition and its batch.</summary>
    [AllowNull]
    public ProduceRequest.PartitionProduceData Data { get; private set; }

    /// <summary>The records that brought the batch down; null unless it was records.</summary>
    public IReadOnlyList<RecordError>? RecordErrors { get; set; }

    /// <summary>The batch, while it waits for the coordinator of its transaction; null for what does not.</summary>
    public HeldBatch? Held { get; set; }

    /// <summary>How it stands now.</summary>
    public ErrorCode Error => _refusal != ErrorCode.None || !_hasBegun ? _refusal
        : Volatile.Read(ref _isAnswered) ? _answer.Error
        : ErrorCode.RequestTimedOut;

    /// <summary>It is about another partition from now on.</summary>
    public void Renew(ProduceRequest.TopicProduceData topic, ProduceRequest.PartitionProduceData data)
    {
        (Topic, Data) = (topic, data);
        (_refusal, _reason, RecordErrors, Held) = (ErrorCode.None, null, null, null);
        (_isLogAppendTime, _hasBegun, _isAnswered) = (false, false, false);
    }

    /// <summary>It is about no partition any more.</summary>
    public void Clear()
    {
        Data.Records = null;
        (Topic, Data, RecordErrors, Held) = (null, null, null, null);
    }

    /// <summary>Nothing is appended.</summary>
    public void Refuse(ErrorCode error, string? reason) => (_refusal, _reason) = (error, reason);

    /// <summary>The batch is on its way.</summary>
    /// <param name="partition">Where to.</param>
    /// <param name="batch">It; where there is a replacement that goes in its place.</param>
    /// <param name="replacement">What the topic wanted instead; null where it wanted nothing else.</param>
    /// <param name="isLogAppendTime">True when the broker's clock stands for the records' timestamps.</param>
    /// <param name="untilCommitted">True for acks=all.</param>
    public void Begin(
        Partition partition, in PendingBatch batch, PooledBytes? replacement, bool isLogAppendTime, bool untilCommitted)
    {
        // A refusal may have come before: the log is asked whether it has the batch, and what it says counts.
        _refusal = ErrorCode.None;
        (_replacement, _isLogAppendTime, _hasBegun) = (replacement, isLogAppendTime, true);
        exchange.PartBegins();
        partition.Append(
            this, replacement is null ? batch : batch with { Bytes = MemoryMarshal.AsMemory(replacement.Memory) },
            untilCommitted);
    }

    /// <summary>Writes what the client is told.</summary>
    /// <returns>False for an error.</returns>
    public bool Answer(ProduceResponse.PartitionProduceResponse answer)
    {
        (answer.Index, answer.ErrorCode) = (Data.Index, Error);
        if (answer.ErrorCode != ErrorCode.None)
        {
            (answer.BaseOffset, answer.LogAppendTimeMs, answer.LogStartOffset) = (Offset.None, -1, Offset.None);
            answer.ErrorMessage = _reason;
            foreach (var (index, message) in RecordErrors ?? [])
                answer.RecordErrors.Add(new() { BatchIndex = index, BatchIndexErrorMessage = message });
            return false;
        }

        answer.BaseOffset = _answer.BaseOffset;
        answer.LogAppendTimeMs = _isLogAppendTime ? _answer.MaxTimestamp : -1;
        answer.LogStartOffset = _answer.LogStart;
        return true;
    }

    /// <inheritdoc/>
    protected override void Answered(in AppendAnswer answer)
    {
        _replacement?.Dispose();
        _replacement = null;
        _answer = answer;
        Volatile.Write(ref _isAnswered, true);
        exchange.PartEnds();
    }
}
