using Barnabas.Base;
using Barnabas.Journal;
using Barnabas.Wire;

namespace Barnabas.Quorum;

/// <summary>A <see cref="SharedJournal{TState}"/> as one of its nodes has it. Owned by the lane of the node's
/// metadata.</summary>
/// <typeparam name="TState">What the records come to.</typeparam>
public sealed class SharedJournalMember<TState> : IQuorumJournal<ITypedRecord>
    where TState : IReplayed<TState, ITypedRecord>
{
    private readonly SharedJournal<TState> _shared;
    private readonly Lane _lane;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _joined = new();
    private IJournalFollower<ITypedRecord>? _follower;
    private int _epoch;
    private bool _isClosed;
    private long _committed = -1;

    internal SharedJournalMember(SharedJournal<TState> shared, BrokerId node, Lane lane, TimeProvider time) =>
        (_shared, Node, _lane, _time) = (shared, node, lane, time);

    /// <summary>The node.</summary>
    public BrokerId Node { get; }

    /// <inheritdoc/>
    public long NextOffset { get; private set; }

    /// <inheritdoc/>
    public Task<IOException> Fault => _shared.Fault;

    /// <summary>Completes when this node has been given what was there.</summary>
    public Task Joined => _joined.Task;

    /// <inheritdoc/>
    public QuorumView Describe()
    {
        var (leader, epoch, members) = _shared.Lead;
        var end = new Offset(Volatile.Read(ref _committed) + 1);
        var now = _time.GetUtcNow();
        return new QuorumView(
            leader, new LeaderEpoch(epoch), end,
            [.. members.Select(node => new QuorumMember(node, Uuid.Zero, end, now, now))], []);
    }

    /// <inheritdoc/>
    public void Follow(IJournalFollower<ITypedRecord> follower)
    {
        Invariant.Holds(_follower is null, "a journal is followed once");
        _follower = follower;
        _shared.Add(this);
    }

    /// <inheritdoc/>
    public long Append(int epoch, IReadOnlyList<ITypedRecord> records)
    {
        Invariant.Holds(records.Count > 0, "a leader appends records");
        if (_isClosed)
            throw new IOException("the journal is closed");
        var first = NextOffset;
        NextOffset += records.Count;
        _shared.Take(this, epoch, first, records);
        return NextOffset - 1;
    }

    /// <inheritdoc/>
    public Task WithdrawAsync() => CloseAsync();

    /// <inheritdoc/>
    public async Task CloseAsync()
    {
        await _lane.RunAsync(() =>
        {
            _isClosed = true;
            _follower?.OnEpoch(_epoch, leads: false);
            return true;
        });
        await _shared.LeaveAsync(this);
    }

    /// <summary>Records were committed, or stand for all before them. From the lane of the journal.</summary>
    internal void Tell(Committed<ITypedRecord> batch) => _lane.Post(() =>
    {
        if (_isClosed)
            return;
        Volatile.Write(ref _committed, batch.LastOffset);
        if (_joined.TrySetResult())
            _follower!.OnSnapshot(batch);
        else
            _follower!.OnCommitted(batch);
    });

    /// <summary>An epoch begins, or one has ended. From the lane of the journal.</summary>
    internal void TellEpoch(int epoch, SharedJournalMember<TState>? leader, long nextOffset) => _lane.Post(() =>
    {
        if (_isClosed)
            return;
        (_epoch, NextOffset) = (epoch, nextOffset);
        _follower!.OnEpoch(epoch, leads: leader == this);
    });
}
