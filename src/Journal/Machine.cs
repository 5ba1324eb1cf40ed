using Barnabas.Base;

namespace Barnabas.Journal;

/// <summary>A state machine over a journal: the one way anything in the product is remembered.</summary>
/// <remarks>
/// It holds two states: the tip, with every record appended, on which commands decide; and the committed one,
/// which queries see. Both are immutable, so keeping the second costs a reference, and forgetting what was never
/// committed is assigning it back. Owned by one lane.
/// </remarks>
public sealed class Machine<TState, TRecord>(Lane lane, IJournal<TRecord> journal) : IJournalFollower<TRecord>
    where TState : IReplayed<TState, TRecord>
{
    private readonly Queue<Pending> _pending = new();
    private TState _tip = TState.Empty;
    private TState _committed = TState.Empty;
    private long _tipOffset = -1;
    private int _epoch;
    private bool _leads;

    /// <summary>The state as the committed records leave it.</summary>
    public TState Committed => _committed;

    /// <summary>The offset of the last committed record; -1 before the first.</summary>
    public long CommittedOffset { get; private set; } = -1;

    /// <summary>Decides on the tip, appends what was decided, and answers once that is committed.</summary>
    /// <exception cref="NotLeaderException">This node does not lead, or lost the epoch before the commit.</exception>
    public Task<TAnswer> CommandAsync<TAnswer>(Func<TState, Decision<TAnswer, TRecord>> decide) =>
        lane.RunAsync(async () =>
        {
            if (!_leads)
                throw new NotLeaderException();

            var decision = decide(_tip);
            if (decision.Records.Count > 0)
                Append(decision.Records);
            if (_tipOffset > CommittedOffset)
                await Park();
            return decision.Answer;
        });

    /// <inheritdoc/>
    public void OnCommitted(long lastOffset, IReadOnlyList<TRecord> records)
    {
        if (_leads && lastOffset <= _tipOffset)
        {
            Release(lastOffset);
            return;
        }

        foreach (var record in records)
            _committed = _committed.Apply(record);
        CommittedOffset = lastOffset;
        _tip = _committed;
        _tipOffset = lastOffset;
    }

    /// <inheritdoc/>
    public void OnEpoch(int epoch, bool leads)
    {
        _epoch = epoch;
        _leads = leads;
        _tip = _committed;
        _tipOffset = CommittedOffset;
        while (_pending.TryDequeue(out var lost))
            lost.Answer?.SetException(new NotLeaderException());
    }

    private void Append(IReadOnlyList<TRecord> records)
    {
        _tipOffset = journal.Append(_epoch, records);
        foreach (var record in records)
            _tip = _tip.Apply(record);
        _pending.Enqueue(new Pending(_tipOffset, _tip, null));
    }

    private Task Park()
    {
        var answer = new TaskCompletionSource();
        _pending.Enqueue(new Pending(_tipOffset, _tip, answer));
        return answer.Task;
    }

    private void Release(long lastOffset)
    {
        while (_pending.TryPeek(out var next) && next.Offset <= lastOffset)
        {
            _pending.Dequeue();
            _committed = next.State;
            CommittedOffset = next.Offset;
            next.Answer?.SetResult();
        }
    }

    private sealed record Pending(long Offset, TState State, TaskCompletionSource? Answer);
}
