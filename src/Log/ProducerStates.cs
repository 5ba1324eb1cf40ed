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
    private const short FirstVersionWithNewEpochs = 2;
    private readonly Dictionary<ProducerId, ProducerState> _states = [];
    private readonly List<(ProducerId Id, ProducerState? Before)> _undo = [];
    private SortedSet<(long Start, ProducerId Id)>? _open;
    private readonly List<(Offset Start, Offset Marker)> _ending = [];
    private readonly EndedTransactions _ended = new();

    /// <summary>How many producers are remembered.</summary>
    public int Count => _states.Count;

    /// <summary>Where the oldest open transaction began; null when none is open.</summary>
    public Offset? FirstOpenTransaction => _open is { Count: > 0 } open ? new Offset(open.Min.Start) : null;

    /// <summary>Who waits for a word of a coordinator.</summary>
    public Verifications Verifications { get; private set; } = new();

    /// <summary>Where the oldest transaction began that is open, or whose marker is not below
    /// <paramref name="highWatermark"/>; null when there is none. The watermark does not go down from call to
    /// call.</summary>
    public Offset? FirstUnstable(Offset highWatermark)
    {
        var ended = _ended.FirstAbove(highWatermark);
        return FirstOpenTransaction is { } open && !(ended < open) ? open : ended;
    }

    /// <summary>True when the producer has a transaction open in that epoch.</summary>
    public bool HasOpenTransaction(ProducerId id, short epoch) =>
        _states.TryGetValue(id, out var state) && state.TransactionStart >= 0 && state.Epoch == epoch;

    /// <summary>Judges a batch that wants to be appended next.</summary>
    /// <param name="pending">The batch, and who appends it.</param>
    /// <param name="batch">Its header.</param>
    /// <param name="marker">What it says as a transaction marker; null where it is none.</param>
    /// <param name="end">Where the log ends.</param>
    /// <param name="original">The batch it repeats, when it is one of the producer's last five; for a marker that is
    /// there already, all that is.</param>
    /// <returns>None also for a duplicate.</returns>
    public ErrorCode Check(
        in PendingBatch pending, RecordBatch batch, TransactionMarker? marker, Offset end, out BatchTrace? original)
    {
        original = null;
        if (batch.ProducerId == ProducerId.None || pending.Origin == AppendOrigin.Replication)
            return ErrorCode.None;
        var state = Find(batch.ProducerId);
        if (marker is { } ending)
        {
            var verdict = CheckMarker(
                batch.ProducerId, batch.ProducerEpoch, ending.CoordinatorEpoch, pending.TransactionVersion,
                out var isThere);
            // Where it is, nobody remembers; that all there is be committed is enough.
            if (isThere)
                original = new BatchTrace(-1, end.Value - 1, 0, batch.MaxTimestamp);
            return verdict;
        }

        if (pending.Origin == AppendOrigin.Client && FindOriginal(state, batch) is { } known)
        {
            original = known;
            return ErrorCode.None;
        }

        if (batch.Attributes.IsTransactional && !IsVerified(batch.ProducerId, batch.ProducerEpoch, pending.Guard))
            return ErrorCode.InvalidTxnState;
        if (batch.ProducerEpoch < state.Epoch && planted != PlantedBug.OldEpochAccepted)
            return ErrorCode.InvalidProducerEpoch;
        if (pending.Origin == AppendOrigin.Client && !Follows(state, batch))
            return ErrorCode.OutOfOrderSequenceNumber;
        return state.TransactionStart >= 0 && !batch.Attributes.IsTransactional
            ? ErrorCode.InvalidTxnState
            : ErrorCode.None;
    }

    /// <summary>Judges a producer that wants to write in a transaction, its sequences aside.</summary>
    /// <returns>None; INVALID_TXN_STATE; INVALID_PRODUCER_EPOCH.</returns>
    public ErrorCode CheckTransactional(ProducerId id, short epoch, VerificationGuard guard)
    {
        if (!IsVerified(id, epoch, guard))
            return ErrorCode.InvalidTxnState;
        return epoch < Find(id).Epoch ? ErrorCode.InvalidProducerEpoch : ErrorCode.None;
    }

    /// <summary>Judges a marker that wants to be appended next.</summary>
    /// <param name="id">The producer.</param>
    /// <param name="epoch">The marker's epoch.</param>
    /// <param name="coordinatorEpoch">The epoch of the coordinator that sends it.</param>
    /// <param name="transactionVersion">The version by which the transaction was decided.</param>
    /// <param name="isThere">True when the marker is in the log: its coordinator did not hear so.</param>
    /// <returns>None; INVALID_PRODUCER_EPOCH; TRANSACTION_COORDINATOR_FENCED.</returns>
    public ErrorCode CheckMarker(
        ProducerId id, short epoch, int coordinatorEpoch, short transactionVersion, out bool isThere)
    {
        var state = Find(id);
        var beginsEpoch = transactionVersion >= FirstVersionWithNewEpochs;
        isThere = beginsEpoch && epoch == state.Epoch && state.TransactionStart < 0;
        if (planted == PlantedBug.MarkerNotFenced)
            return ErrorCode.None;
        // A transaction of the epoch that the marker begins is not the one that the marker ends (KIP-1228).
        if (epoch < state.Epoch || (beginsEpoch && epoch == state.Epoch && !isThere))
            return ErrorCode.InvalidProducerEpoch;
        return coordinatorEpoch < state.CoordinatorEpoch
            ? ErrorCode.TransactionCoordinatorFenced
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
        // Either way the coordinator's word was used, or came too late.
        if (marker is { } end)
        {
            Verifications.Ended(id, batch.ProducerEpoch);
            return End(ref state, id, end, batch);
        }

        if (batch.Attributes.IsTransactional)
            Verifications.Opened(id);
        var delta = (int)(batch.LastOffset - batch.BaseOffset);
        state.Add(new(batch.LastSequence, batch.LastOffset.Value, delta, batch.MaxTimestamp));
        if (batch.Attributes.IsTransactional && state.TransactionStart < 0)
        {
            state.TransactionStart = batch.BaseOffset.Value;
            (_open ??= []).Add((state.TransactionStart, id));
        }

        return null;
    }

    /// <summary>What was applied since the last call stays.</summary>
    public void Keep()
    {
        _undo.Clear();
        foreach (var (start, marker) in _ending)
            _ended.Add(start, marker);
        _ending.Clear();
    }

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
        _ending.Clear();
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

        Verifications.Expire(nowMs, expiration);
        return before - _states.Count;
    }

    /// <summary>Forgets all, then remembers what a snapshot says.</summary>
    /// <param name="states">What it says.</param>
    /// <param name="at">Where it was taken: what ended before stays so.</param>
    public void Reset(IReadOnlyList<(ProducerId Id, ProducerState State)> states, Offset at)
    {
        _states.Clear();
        _undo.Clear();
        _ending.Clear();
        _ended.CutAt(at);
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

    /// <summary>Takes over from the log in whose place this one comes.</summary>
    public void TakeOver(Verifications verifications) => Verifications = verifications;

    /// <summary>The batch by which each producer would be known after a replay.</summary>
    public Dictionary<ProducerId, LastOfProducer> LastBatches()
    {
        var all = new Dictionary<ProducerId, LastOfProducer>(_states.Count);
        foreach (var (id, state) in _states)
            all[id] = new(state.Last is { } last ? new Offset(last.LastOffset) : null, state.Epoch);
        return all;
    }

    private BatchTrace? FindOriginal(in ProducerState state, RecordBatch batch)
    {
        var original = state.Find(batch.ProducerEpoch, batch.BaseSequence, batch.LastSequence);
        var isFifth = state.Recent.Length == 5 && original == state.Recent[0];
        return planted == PlantedBug.DuplicateWindowOfFour && isFifth ? null : original;
    }

    private bool IsVerified(ProducerId id, short epoch, VerificationGuard guard) =>
        HasOpenTransaction(id, epoch) || Verifications.Allows(id, guard) || planted == PlantedBug.VerificationSkipped;

    private ProducerState Find(ProducerId id) => _states.TryGetValue(id, out var state) ? state : ProducerState.New;

    private bool Follows(in ProducerState state, RecordBatch batch)
    {
        if (planted == PlantedBug.SequenceAfterBumpAccepted
            && (state.Last is null || batch.ProducerEpoch > state.Epoch))
        {
            return true;
        }

        if (batch.Attributes.IsTransactional
            && !Verifications.AllowsSequence(batch.ProducerId, batch.BaseSequence, isUnknown: state.Last is null))
        {
            return false;
        }

        // Of a producer whose batches all are gone, nobody knows where it stood.
        if (state.Epoch == -1)
            return true;
        return batch.BaseSequence == (batch.ProducerEpoch == state.Epoch ? Sequence.Next(state.LastSequence) : 0);
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
        _open?.Remove((start, id));
        _ending.Add((new Offset(start), batch.LastOffset));
        if (!marker.IsAbort)
            return null;
        var stable = FirstOpenTransaction ?? batch.NextOffset;
        return new(id, new Offset(start), batch.LastOffset, stable);
    }

    private void CollectOpen()
    {
        _open?.Clear();
        foreach (var (id, state) in _states)
        {
            if (state.TransactionStart >= 0)
                (_open ??= []).Add((state.TransactionStart, id));
        }
    }
}
