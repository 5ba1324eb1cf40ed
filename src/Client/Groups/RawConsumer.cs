using System.Runtime.CompilerServices;
using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>A member of a group that reads bytes: what was fetched is read in place. For one reading at a
/// time.</summary>
public sealed class RawConsumer : IAsyncDisposable
{
    private readonly ClientCore _core;
    private readonly ConsumerOptions _options;
    private readonly GroupReading _reading;
    private readonly IMembership _membership;
    private Piece? _held;
    private int _reads;
    private bool _disposed;

    internal RawConsumer(ClientCore core, ConsumerOptions options)
    {
        (_core, _options) = (core, options.Checked());
        _reading = new GroupReading(core, _options);
        _membership = _options.Protocol switch
        {
            GroupProtocol.Classic => new ClassicMembership(core, _options, _reading),
            GroupProtocol.Consumer => new ConsumerMembership(core, _options, _reading),
            _ => new NegotiatedMembership(core, _options, _reading),
        };
    }

    /// <summary>The group.</summary>
    public string GroupId => _options.GroupId;

    /// <summary>The member's id, as the coordinator gave it; empty before it has joined.</summary>
    public string MemberId => _membership.MemberId;

    /// <summary>What the application should ask about before it takes the next record of its piece.</summary>
    internal bool WantsAttention => _reading.WantsAttention;

    /// <summary>Joins the group, and gives what comes of the partitions it has, each partition's in order. What is
    /// yielded is disposed when the next is asked for, which also says that the application is done with it.</summary>
    /// <param name="stop">Ends the reading, but not the membership: the reading may go on later.</param>
    /// <exception cref="KafkaException">The group will not have the member, or a partition cannot be read.</exception>
    public async IAsyncEnumerable<FetchedRecords> ReadAllAsync(
        [EnumeratorCancellation] CancellationToken stop = default)
    {
        Begin();
        try
        {
            while (true)
            {
                var piece = await NextAsync(stop);
                (piece.Yielded, piece.IsFinished) = (piece.Records.Next, true);
                yield return piece.Records;
            }
        }
        finally
        {
            End();
        }
    }

    /// <summary>The partitions the member has now, in order.</summary>
    public Task<IReadOnlyList<TopicPartition>> GetAssignmentAsync() => _core.Lane.RunAsync(() => _reading.Owned);

    /// <summary>The partitions that are paused, in order.</summary>
    public Task<IReadOnlyList<TopicPartition>> GetPausedAsync() => _core.Lane.RunAsync(() => _reading.Paused);

    /// <summary>The next offset of a partition that is to be handled; null as long as it is not known.</summary>
    /// <exception cref="InvalidOperationException">The member does not have the partition.</exception>
    public Task<Offset?> GetPositionAsync(TopicPartition partition) =>
        _core.Lane.RunAsync(() => _reading.PositionOf(partition));

    /// <summary>Withholds the records of partitions from now on, while the member keeps them.</summary>
    /// <exception cref="InvalidOperationException">The member does not have one of them.</exception>
    public Task PauseAsync(params IEnumerable<TopicPartition> partitions) =>
        RunAsync(() => _reading.SetPaused(partitions, isPaused: true));

    /// <summary>Gives the records of partitions out again.</summary>
    /// <exception cref="InvalidOperationException">The member does not have one of them.</exception>
    public Task ResumeAsync(params IEnumerable<TopicPartition> partitions) =>
        RunAsync(() => _reading.SetPaused(partitions, isPaused: false));

    /// <summary>Reads a partition on from elsewhere. Nothing is committed by it.</summary>
    /// <exception cref="InvalidOperationException">The member does not have the partition.</exception>
    public Task SeekAsync(TopicPartition partition, OffsetSpec place) =>
        RunAsync(() => _reading.Seek(partition, place));

    /// <summary>Commits all that was yielded, the last one too.</summary>
    /// <exception cref="KafkaException">The coordinator refuses, for the partitions are others' by now, say; or did not
    /// answer.</exception>
    public Task CommitAsync(CancellationToken stop = default)
    {
        var yielded = Yielded();
        return _core.Lane.RunAsync(() => _reading.CommitAsync(yielded(), _core.ApiDeadline())).WaitAsync(stop);
    }

    /// <summary>Commits positions.</summary>
    /// <param name="offsets">By partition, the next offset to read.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="KafkaException">The coordinator refuses, for the partitions are others' by now, say; or did not
    /// answer.</exception>
    public Task CommitAsync(
        IReadOnlyDictionary<TopicPartition, CommittedOffset> offsets, CancellationToken stop = default) =>
        _core.Lane.RunAsync(() => _reading.CommitAsync(offsets, _core.ApiDeadline())).WaitAsync(stop);

    /// <summary>The positions that the group has stored; partitions without one are left out.</summary>
    /// <exception cref="KafkaException">The coordinator refuses, or did not answer.</exception>
    public Task<Dictionary<TopicPartition, CommittedOffset>> GetCommittedAsync(
        IEnumerable<TopicPartition> partitions, CancellationToken stop = default) => _core.Lane.RunAsync(
            () => GroupOffsets.FetchAsync(
                _core, _options.GroupId, [.. partitions], isStable: true, _core.ApiDeadline())).WaitAsync(stop);

    /// <summary>Goes back to the positions that the group has stored, in all partitions the member has: after a
    /// transaction was aborted, what was read for it comes again. A partition without a stored position is read from
    /// where the member began or last sought.</summary>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="KafkaException">The coordinator refuses, or did not answer; a transaction is still open that
    /// may change the positions, say.</exception>
    public Task RewindAsync(CancellationToken stop = default) =>
        _core.Lane.RunAsync(() => _reading.RewindAsync(_core.ApiDeadline())).WaitAsync(stop);

    /// <summary>Tells the application of what it gives up, commits what it is done with, and leaves the group; a static
    /// member only stays away.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        var held = Interlocked.Exchange(ref _held, null);
        var owned = await _core.Lane.RunAsync(async () =>
        {
            _reading.PutBack(held);
            await _reading.CommitLastAsync();
            return _reading.Owned;
        });
        try
        {
            if (_options.Rebalanced is { } tell && owned.Count > 0)
                await tell(new(RebalanceKind.Revoked, owned), CancellationToken.None);
        }
        finally
        {
            await _core.Lane.RunAsync(async () =>
            {
                await _membership.LeaveAsync();
                await _reading.DisposeAsync();
            });
        }
    }

    /// <summary>What <see cref="CommitAsync(CancellationToken)"/> would commit now, and in whose name; each call of the
    /// result asks anew who that is.</summary>
    /// <exception cref="InvalidOperationException">The consumer commits by itself.</exception>
    internal Func<Task<GroupPositions>> ForTransaction()
    {
        if (_options.AutoCommit)
        {
            throw new InvalidOperationException(
                "a consumer whose positions go into transactions must not commit by itself: AutoCommit = false");
        }

        var yielded = Yielded();
        return () => _core.Lane.RunAsync(() =>
        {
            var offsets = yielded();
            _reading.CheckMember(offsets.Keys);
            _reading.CheckNothingLost();
            return new GroupPositions(GroupId, _reading.Member, offsets);
        });
    }

    /// <summary>A transaction has committed positions of this member.</summary>
    internal Task NoteCommittedAsync(GroupPositions positions) =>
        RunAsync(() => _reading.NoteCommitted(positions.Offsets));

    /// <summary>A reading begins; the first one has the member join.</summary>
    /// <exception cref="InvalidOperationException">Another one is under way.</exception>
    internal void Begin()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Interlocked.Exchange(ref _reads, 1) != 0)
            throw new InvalidOperationException("a consumer has one reading at a time");
        _core.Lane.Post(_membership.Start);
    }

    /// <summary>A reading has ended.</summary>
    internal void End() => _reads = 0;

    /// <summary>The application is done with what it was given: the next piece, which may be the rest of the one it
    /// has. In between it is told of changes.</summary>
    internal async Task<Piece> NextAsync(CancellationToken stop)
    {
        if (_held is { } held && held.Yielded != Offset.None)
            held.Handled = Offset.Max(held.Handled, held.Yielded);
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            var back = Interlocked.Exchange(ref _held, null);
            var (step, piece) = await _core.Lane.RunAsync(() => _reading.TryNext(back));
            if (piece is not null)
                return _held = piece;
            if (step is not null)
                await TellAsync(step, stop);
            else
                await WaitAsync(stop);
        }
    }

    /// <summary>Gives, on the lane, the positions after all that was yielded up to now.</summary>
    private Func<Dictionary<TopicPartition, CommittedOffset>> Yielded()
    {
        var (held, at) = (_held, new CommittedOffset(
            _held?.Yielded ?? Offset.None, _held?.Epoch ?? LeaderEpoch.None, ""));
        return () =>
        {
            var handled = _reading.Handled();
            if (held is not null && at.Offset != Offset.None && _reading.IsCurrent(held))
                handled[held.Records.Partition] = at;
            return handled;
        };
    }

    private async Task TellAsync(RebalanceStep step, CancellationToken stop)
    {
        await _core.Lane.RunAsync(() => _reading.PrepareAsync(step));
        try
        {
            if (_options.Rebalanced is { } tell)
                await tell(step.Change, stop);
        }
        finally
        {
            await RunAsync(() => _reading.Finish(step));
        }
    }

    private async Task WaitAsync(CancellationToken stop)
    {
        try
        {
            await _core.Lane.RunAsync(_reading.WaitAsync).WaitAsync(stop);
        }
        catch (OperationCanceledException)
        {
            await RunAsync(_reading.StopWaiting);
            throw;
        }
    }

    private Task<bool> RunAsync(Action work) => _core.Lane.RunAsync(() =>
    {
        work();
        return true;
    });
}
