using Barnabas.Base;
using Barnabas.Records;
using Barnabas.Replication;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis.Produce;

/// <summary>One partition of a Produce request, from the gate to the answer.</summary>
internal sealed class ProducePart(
    ProduceRequest.TopicProduceData topic, ProduceRequest.PartitionProduceData data)
{
    private static readonly Task<AppendAnswer> Nothing = Task.FromResult(AppendAnswer.Refused(ErrorCode.None));
    private ErrorCode _refusal;
    private string? _reason;
    private bool _isLogAppendTime;

    /// <summary>The topic as the client named it.</summary>
    public ProduceRequest.TopicProduceData Topic { get; } = topic;

    /// <summary>The partition and its batch.</summary>
    public ProduceRequest.PartitionProduceData Data { get; } = data;

    /// <summary>The records that brought the batch down; null unless it was records.</summary>
    public IReadOnlyList<RecordError>? RecordErrors { get; set; }

    /// <summary>The batch, while it waits for the coordinator of its transaction; null for what does not.</summary>
    public HeldBatch? Held { get; set; }

    /// <summary>The append under way; done where there is none.</summary>
    public Task<AppendAnswer> Append { get; private set; } = Nothing;

    /// <summary>How it stands now.</summary>
    public ErrorCode Error => _refusal != ErrorCode.None ? _refusal
        : Append.IsCompleted ? Append.Result.Error
        : ErrorCode.RequestTimedOut;

    /// <summary>Nothing is appended.</summary>
    public void Refuse(ErrorCode error, string? reason) => (_refusal, _reason) = (error, reason);

    /// <summary>The batch is on its way.</summary>
    /// <param name="append">Its append.</param>
    /// <param name="isLogAppendTime">True when the broker's clock stands for the records' timestamps.</param>
    public void Begin(Task<AppendAnswer> append, bool isLogAppendTime) =>
        (Append, _isLogAppendTime) = (append, isLogAppendTime);

    /// <summary>It was refused, and the log is asked whether it has the batch already: what the log says
    /// counts.</summary>
    /// <param name="append">What the log says.</param>
    /// <param name="isLogAppendTime">True when the broker's clock stands for the records' timestamps.</param>
    public void Ask(Task<AppendAnswer> append, bool isLogAppendTime)
    {
        _refusal = ErrorCode.None;
        Begin(append, isLogAppendTime);
    }

    /// <summary>What the client is told.</summary>
    public ProduceResponse.PartitionProduceResponse Answer()
    {
        var answer = new ProduceResponse.PartitionProduceResponse
        {
            Index = Data.Index,
            ErrorCode = Error,
            BaseOffset = Offset.None,
        };
        if (answer.ErrorCode != ErrorCode.None)
        {
            answer.ErrorMessage = _reason;
            foreach (var (index, message) in RecordErrors ?? [])
                answer.RecordErrors.Add(new() { BatchIndex = index, BatchIndexErrorMessage = message });
            return answer;
        }

        var appended = Append.Result;
        answer.BaseOffset = appended.BaseOffset;
        answer.LogAppendTimeMs = _isLogAppendTime ? appended.MaxTimestamp : -1;
        answer.LogStartOffset = appended.LogStart;
        return answer;
    }
}
