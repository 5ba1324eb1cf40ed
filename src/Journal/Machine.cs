using Barnabas.Base;

namespace Barnabas.Journal;

/// <summary>A state machine over a journal: the one way anything in the product is remembered.</summary>
/// <remarks>
/// It holds two states: the tip, with every record appended, on which commands decide; and the committed one,
/// which queries see. Both are immutable, so keeping the second costs a reference, and forgetting what was never
/// committed is assigning it back. Owned by one lane, the journal's; <see cref="Committed"/>, <see cref="Held"/>,
/// <see cref="CommandAsync"/>, <see cref="Observe"/> and <see cref="ObserveLead"/> may be used from any.
/// </remarks>
/// <typeparam name="TState">What is remembered.</typeparam>
/// <typeparam name="TRecord">What it is made of.</typeparam>
/// <param name="lane">The lane of the journal.</param>
/// <param name="journal">Where the records go.</param>
/// <param name="perform">Performs the effects of committed decisions, on the lane; null where there are none.</param>
/// <param name="failed">Called on the lane when the journal takes no record any more, as an append showed; null for
/// nobody.</param>
/// <param name="time">The clock, where callers are let go (<see cref="LetGo"/>); null where they never are.</param>
public sealed class Machine<TState, TRecord>(
    Lane lane, IJournal<TRecord> journal, Action<Effect>? perform = null, Action? failed = null,
    TimeProvider? time = null)
    : IJournalFollower<TRecord>
    where TState : IReplayed<TState, TRecord>
{
    private readonly Queue<Step> _pending = new();
    private readonly List<Action<TState, TState>> _observers = [];
    private readonly List<Action<int, bool>> _leadObservers = [];
    private volatile Held<TState> _held = new(TState.Empty, -1, 0, -1);
    private TState _tip = TState.Empty;
    private long _tipOffset = -1;
    private int _epoch;
    private bool _leads;

    /// <summary>The state as the committed records leave it.</summary>
    public TState Committed => _held.State;

    /// <summary>The committed state and where it stands.</summary>
    public Held<TState> Held => _held;

    /// <summary>Begins to follow the journal; completes when what was there is replayed.</summary>
    public Task StartAsync() => lane.RunAsync(() =>
    {
        journal.Follow(this);
        return Task.CompletedTask;
    });

    /// <summary>Decides on the tip, appends what was decided, and answers once that is committed.</summary>
    /// <param name="decide">Pure; runs on the lane. It may ask the journal for its next offset.</param>
    /// <param name="lost">The answer when this node does not lead, lost its epoch before the commit, or let the caller
    /// go: whether the records are there is then not known.</param>
    /// <typeparam name="TAnswer">The answer.</typeparam>
    public Task<TAnswer> CommandAsync<TAnswer>(
        Func<TState, Decision<TAnswer, TRecord>> decide, Func<TAnswer> lost)
    {
        // Awaiters come back to their own lanes. Were continuations forced to be asynchronous, a Task.WhenAll over
        // answers would hop to the thread pool, out of the simulator's sight.
        var answer = new TaskCompletionSource<TAnswer>();
        lane.Post(() =>
        {
            try
            {
                Run(decide, lost, answer);
            }
            catch (InvariantBrokenException broken)
            {
                answer.SetException(broken);
                throw;
            }
        });
        return answer.Task;
    }

    /// <summary>Calls <paramref name="changed"/> with the committed state before and after, on the machine's lane:
    /// first with the empty one and what stands, then after every commit, before the commit's answers are
    /// given.</summary>
    public void Observe(Action<TState, TState> changed) => lane.Post(() =>
    {
        _observers.Add(changed);
        changed(TState.Empty, _held.State);
    });

    /// <summary>Calls <paramref name="changed"/> with the epoch and whether this node leads in it, on the machine's
    /// lane: first with what is, then whenever an epoch begins or ends.</summary>
    public void ObserveLead(Action<int, bool> changed) => lane.Post(() =>
    {
        _leadObservers.Add(changed);
        changed(_epoch, _leads);
    });

    /// <summary>Answers callers that have waited for a commit since before a time as though the epoch were lost. Their
    /// records stay on their way, with their effects. On the lane.</summary>
    /// <param name="before">The time, as a timestamp of the clock.</param>
    /// <returns>Since when the one that waits longest now does so; null where nobody waits.</returns>
    public long? LetGo(long before)
    {
        foreach (var step in _pending)
        {
            if (step.Since > before)
                return step.Since;
            step.Lose();
        }

        return null;
    }

    /// <inheritdoc/>
    public void OnSnapshot(Committed<TRecord> snapshot)
    {
        Invariant.Holds(!_leads, "a leader has all records");
        Replay(TState.Empty, snapshot);
    }

    /// <inheritdoc/>
    public void OnCommitted(Committed<TRecord> batch)
    {
        Invariant.Holds(batch.LastOffset >= _held.Offset, "commits ascend");
        if (_leads)
            Release(batch);
        else
            Replay(_held.State, batch);
    }

    /// <inheritdoc/>
    public void OnEpoch(int epoch, bool leads)
    {
        Forget();
        (_epoch, _leads) = (epoch, leads);
        foreach (var changed in _leadObservers)
            changed(epoch, leads);
    }

    private void Run<TAnswer>(
        Func<TState, Decision<TAnswer, TRecord>> decide, Func<TAnswer> lost, TaskCompletionSource<TAnswer> answer)
    {
        if (!_leads)
        {
            answer.SetResult(lost());
            return;
        }

        var decision = decide(_tip);
        if (decision.Records.Count > 0 && !TryAppend(decision.Records))
        {
            answer.SetResult(lost());
            return;
        }

        // An answer that rests on records not committed yet waits for them, even where it added none.
        _pending.Enqueue(new Step(_tipOffset, _tip, decision.Effects)
        {
            Since = time?.GetTimestamp() ?? 0,
            Answer = () => answer.TrySetResult(decision.Answer),
            Lose = () => Refuse(answer, lost),
        });
        if (_tipOffset != _held.Offset)
            return;
        // Records that take no place in the journal are committed with what stands before them.
        if (decision.Records.Count > 0)
            Show(_held with { State = _tip });
        Settle(_tipOffset);
    }

    private static void Refuse<TAnswer>(TaskCompletionSource<TAnswer> answer, Func<TAnswer> lost)
    {
        // Who was let go has an answer.
        if (!answer.Task.IsCompleted)
            answer.SetResult(lost());
    }

    private bool TryAppend(IReadOnlyList<TRecord> records)
    {
        try
        {
            _tipOffset = journal.Append(_epoch, records);
        }
        catch (IOException)
        {
            OnEpoch(_epoch, leads: false);
            failed?.Invoke();
            return false;
        }

        _tip = _tip.Apply(records);
        return true;
    }

    private void Replay(TState state, Committed<TRecord> batch)
    {
        state = state.Apply(batch.Records);
        (_tip, _tipOffset) = (state, batch.LastOffset);
        Publish(state, batch);
    }

    private void Release(Committed<TRecord> batch)
    {
        var state = _held.State;
        foreach (var step in _pending)
        {
            if (step.Offset > batch.LastOffset)
                break;
            state = step.State;
        }

        _tipOffset = Math.Max(_tipOffset, batch.LastOffset);
        Publish(state, batch);
        Settle(batch.LastOffset);
    }

    private void Publish(TState state, Committed<TRecord> batch)
    {
        var held = new Held<TState>(state, batch.LastOffset, batch.Epoch, batch.Timestamp);
        if (batch.Records.Count == 0)
            _held = held;
        else
            Show(held);
    }

    private void Show(Held<TState> held)
    {
        var before = _held.State;
        _held = held;
        foreach (var changed in _observers)
            changed(before, held.State);
    }

    private void Settle(long committed)
    {
        while (_pending.TryPeek(out var step) && step.Offset <= committed)
        {
            _pending.Dequeue();
            foreach (var effect in step.Effects)
                perform?.Invoke(effect);
            step.Answer();
        }
    }

    private void Forget()
    {
        (_tip, _tipOffset) = (_held.State, _held.Offset);
        while (_pending.TryDequeue(out var step))
            step.Lose();
    }

    /// <summary>A command decided and not answered: the tip after it, and what to do when that is committed or
    /// lost.</summary>
    private sealed record Step(long Offset, TState State, IReadOnlyList<Effect> Effects)
    {
        /// <summary>When it was decided, as a timestamp of the clock.</summary>
        public required long Since { get; init; }

        public required Action Answer { get; init; }

        public required Action Lose { get; init; }
    }
}
