using System.Runtime.InteropServices;
using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Log;

/// <summary>The idempotent and transactional producers of a partition: nothing but a replay of its batches. Owned by
/// the log's lane.</summary>
/// <remarks>Source: KIP-98, KIP-360, KIP-890. Changes can be taken back until <see cref="Keep"/>: the write that
/// makes them true may fail.</remarks>
internal sealed class ProducerStates(PlantedBug planted)
{
    private readonly Dictionary<ProducerId, ProducerState> _states = [];
    private readonly List<(ProducerId Id, ProducerState? Before)> _undo = [];
    private readonly SortedSet<(long Start, ProducerId Id)> _open = [];

    /// <summary>How many producers are remembered.</summary>
    public int Count => _states.Count;

    /// <summary>Where the oldest open transaction began; null when none is open.</summary>
    public Offset? FirstOpenTransaction => _open.Count == 0 ? null : new Offset(_open.Min.Start);

    /// <summary>Judges a batch that wants to be appended next.</summary>
    /// <param name="batch">Its header.</param>
    /// <param name="marker">What it says as a transaction marker; null where it is none.</param>
    /// <param name="origin">Who appends it.</param>
    /// <param name="original">The batch it repeats, when it is one of the producer's last five.</param>
    /// <returns>None also for a duplicate.</returns>
    public ErrorCode Check(
        RecordBatch batch, TransactionMarker? marker, AppendOrigin origin, out BatchTrace? original)
    {
        original = null;
        if (batch.ProducerId == ProducerId.None || origin == AppendOrigin.Replication)
            return ErrorCode.None;
        if (!_states.TryGetValue(batch.ProducerId, out var state))
            return ErrorCode.None;
        if (origin == AppendOrigin.Client && marker is null)
        {
            original = state.Find(batch.ProducerEpoch, batch.BaseSequence, batch.LastSequence);
            if (planted == PlantedBug.DuplicateWindowOfFour && state.Recent.Length == 5 && original == state.Recent[0])
                original = null;
            if (original is not null)
                return ErrorCode.None;
        }

        if (batch.ProducerEpoch < state.Epoch && planted != PlantedBug.OldEpochAccepted)
            return ErrorCode.InvalidProducerEpoch;
        if (marker is { } end)
        {
            return end.CoordinatorEpoch < state.CoordinatorEpoch
                ? ErrorCode.TransactionCoordinatorFenced
                : ErrorCode.None;
        }

        if (origin == AppendOrigin.Client && !Follows(state, batch))
            return ErrorCode.OutOfOrderSequenceNumber;
        return state.TransactionStart >= 0 && !batch.Attributes.IsTransactional
            ? ErrorCode.InvalidTxnState
            : ErrorCode.None;
    }

    /// <summary>Takes in a batch that is being appended, or replayed.</summary>
    /// <param name="batch">Its header, offsets assigned.</param>
    /// <param name="marker">What it says as a transaction marker; null where it is none.</param>
    /// <returns>The transaction that the batch aborts; null where it aborts none.</returns>
    public AbortedTransaction? Apply(RecordBatch batch, TransactionMarker? marker)
    {
        var id = batch.ProducerId;
        if (id == ProducerId.None || (batch.Attributes.IsControl && marker is null))
            return null;
        ref var state = ref CollectionsMarshal.GetValueRefOrAddDefault(_states, id, out var known);
        _undo.Add((id, known ? state : null));
        if (!known)
            state = ProducerState.New;
        state.Enter(batch.ProducerEpoch);
        if (marker is { } end)
            return End(ref state, id, end, batch);

        var delta = (int)(batch.LastOffset - batch.BaseOffset);
        state.Add(new(batch.LastSequence, batch.LastOffset.Value, delta, batch.MaxTimestamp));
        if (batch.Attributes.IsTransactional && state.TransactionStart < 0)
        {
            state.TransactionStart = batch.BaseOffset.Value;
            _open.Add((state.TransactionStart, id));
        }

        return null;
    }

    /// <summary>What was applied since the last call stays.</summary>
    public void Keep() => _undo.Clear();

    /// <summary>Takes back what was applied since the last <see cref="Keep"/>.</summary>
    public void Undo()
    {
        for (var i = _undo.Count - 1; i >= 0; i--)
        {
            if (_undo[i].Before is { } before)
                _states[_undo[i].Id] = before;
            else
                _states.Remove(_undo[i].Id);
        }

        _undo.Clear();
        CollectOpen();
    }

    /// <summary>Forgets producers without an open transaction whose last batch is older than
    /// <paramref name="expiration"/>.</summary>
    /// <returns>How many were forgotten.</returns>
    public int Expire(long nowMs, TimeSpan expiration)
    {
        var before = _states.Count;
        var limit = (long)expiration.TotalMilliseconds;
        foreach (var (id, state) in _states)
        {
            if (state.TransactionStart < 0 && nowMs - state.LastTimestamp >= limit)
                _states.Remove(id);
        }

        return before - _states.Count;
    }

    /// <summary>Forgets all, then remembers what a snapshot says.</summary>
    public void Reset(IReadOnlyList<(ProducerId Id, ProducerState State)> states)
    {
        _states.Clear();
        _undo.Clear();
        foreach (var (id, state) in states)
            _states[id] = state;
        CollectOpen();
    }

    /// <summary>All producers, by id.</summary>
    public List<(ProducerId Id, ProducerState State)> ToList()
    {
        var all = new List<(ProducerId Id, ProducerState State)>(_states.Count);
        foreach (var (id, state) in _states)
            all.Add((id, state));
        all.Sort(static (a, b) => a.Id.CompareTo(b.Id));
        return all;
    }

    private static bool Follows(in ProducerState state, RecordBatch batch)
    {
        if (batch.ProducerEpoch != state.Epoch)
            return batch.BaseSequence == 0 || state.Epoch == -1;
        return batch.BaseSequence == Sequence.Next(state.LastSequence);
    }

    private AbortedTransaction? End(
        ref ProducerState state, ProducerId id, TransactionMarker marker, RecordBatch batch)
    {
        var start = state.TransactionStart;
        state.TransactionStart = -1;
        state.CoordinatorEpoch = marker.CoordinatorEpoch;
        state.LastTimestamp = batch.MaxTimestamp;
        if (start < 0)
            return null;
        _open.Remove((start, id));
        if (!marker.IsAbort)
            return null;
        var stable = FirstOpenTransaction ?? batch.NextOffset;
        return new(id, new Offset(start), batch.LastOffset, stable);
    }

    private void CollectOpen()
    {
        _open.Clear();
        foreach (var (id, state) in _states)
        {
            if (state.TransactionStart >= 0)
                _open.Add((state.TransactionStart, id));
        }
    }
}
