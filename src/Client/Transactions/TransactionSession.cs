using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>The life of a transactional producer: its id and epoch, and the transactions it begins and ends, one after
/// the other. Owned by the client's lane.</summary>
internal sealed class TransactionSession(ClientCore core, ProducerOptions options, Sender sender)
{
    private const int MaxStale = 3;

    private readonly TransactionGate _gate = sender.Gate!;
    private Task _last = Task.CompletedTask;
    private bool _wantsEpoch = true;
    private bool _isCommit;
    private bool _inDoubt;

    /// <summary>Where the producer stands.</summary>
    public TransactionPhase Phase { get; private set; }

    /// <summary>Why records cannot be sent: the producer is done for, or its transaction is to be aborted; null as long
    /// as that is not so. Any thread.</summary>
    public KafkaException? Refusal => (sender.Fatal ?? _gate.Failure) is { } cause
        ? TransactionFault.Again(cause, mayHaveBeenApplied: false)
        : null;

    /// <summary>Throws where the producer is done for. Any thread.</summary>
    /// <exception cref="KafkaException">It is.</exception>
    public void ThrowIfFatal()
    {
        if (sender.Fatal is { } fatal)
            throw TransactionFault.Again(fatal, mayHaveBeenApplied: false);
    }

    /// <summary>Takes a step once all before it are through: who has given up waiting for one has not called it
    /// off.</summary>
    public async Task InTurnAsync(Func<Task> step)
    {
        var done = new TaskCompletionSource();
        (var before, _last) = (_last, done.Task);
        await before;
        try
        {
            await step();
        }
        finally
        {
            done.SetResult();
        }
    }

    /// <summary>Takes the transactional id over: fences earlier producers, and ends what they left open.</summary>
    /// <exception cref="KafkaException">The coordinator refuses, or did not answer in time.</exception>
    public async Task InitializeAsync()
    {
        ThrowIfFatal();
        if (!_wantsEpoch)
            return;
        try
        {
            var (id, epoch) = await TransactionCalls.InitializeAsync(
                core, options, (sender.Identity.Id, sender.Identity.Epoch), InTime());
            sender.Identity.Take(id, epoch);
            _wantsEpoch = false;
        }
        catch (KafkaException fault)
        {
            var told = TransactionFault.Of(fault.Code, fault.Reason ?? "no producer id was given", false, false);
            if (!told.IsFatal)
                throw new KafkaException(fault.Code, fault.Reason, fault);
            sender.Identity.Condemn(told);
            throw told;
        }
    }

    /// <summary>Begins a transaction, once the one before is settled.</summary>
    /// <exception cref="InvalidOperationException">One is open.</exception>
    /// <exception cref="KafkaException">The producer is done for, or the coordinator did not answer in
    /// time.</exception>
    public async Task BeginAsync()
    {
        ThrowIfFatal();
        if (Phase == TransactionPhase.Open)
            throw new InvalidOperationException("a producer has one transaction at a time");
        if (Phase == TransactionPhase.Unsettled)
            await SettleAsync();
        await InitializeAsync();
        _gate.Open(await TransactionCalls.IsImplicitAsync(core, _gate.Id, InTime()));
        (Phase, _inDoubt) = (TransactionPhase.Open, false);
    }

    /// <summary>Commits, or asks for the commit once more where it is not known what came of it.</summary>
    /// <exception cref="KafkaException">It is not committed, or it is not known whether it is.</exception>
    public async Task CommitAsync()
    {
        if (Phase == TransactionPhase.Open)
        {
            await sender.FlushAsync();
            if (Refusal is { } refusal)
                throw refusal;
            await EndAsync(isCommit: true);
        }
        else
        {
            Expect(Phase == TransactionPhase.Unsettled && _isCommit);
            await SettleAsync();
        }
    }

    /// <summary>Aborts: what waits is given up, and what was sent will be read by nobody who reads what is
    /// committed.</summary>
    /// <exception cref="KafkaException">The producer is done for, or the coordinator did not answer in
    /// time.</exception>
    public async Task AbortAsync()
    {
        Expect(Phase == TransactionPhase.Open || (Phase == TransactionPhase.Unsettled && !(_isCommit && _inDoubt)));
        _gate.Fail(new TransactionAbortableException(ErrorCode.TransactionAbortable, "the transaction is aborted"));
        await sender.EmptyAsync();
        await _gate.QuietAsync();
        ThrowIfFatal();
        await EndAsync(isCommit: false);
    }

    /// <summary>Aborts what is open as its handle goes away; a commit in doubt is asked for again instead. What
    /// cannot be done now is seen to before the next transaction, or by the coordinator when its time is
    /// over.</summary>
    public async Task AbandonAsync()
    {
        if (Phase == TransactionPhase.Idle)
            return;
        if (sender.Fatal is not null)
        {
            await sender.EmptyAsync();
            return;
        }

        try
        {
            await (_isCommit && _inDoubt ? SettleAsync() : AbortAsync());
        }
        catch (KafkaException)
        {
            // Whoever begins the next transaction is told, if it stands in the way.
        }
    }

    /// <summary>Has a group's positions committed with the transaction (KIP-447).</summary>
    /// <param name="positions">Gives the positions; asked again where the member's epoch has moved on.</param>
    /// <returns>The positions that were sent.</returns>
    /// <exception cref="KafkaException">They were not: the transaction is to be aborted, or the producer is done
    /// for.</exception>
    public async Task<GroupPositions> SendOffsetsAsync(Func<Task<GroupPositions>> positions)
    {
        Expect(Phase == TransactionPhase.Open);
        if (Refusal is { } refusal)
            throw refusal;
        try
        {
            for (var attempt = 0; ; attempt++)
            {
                var sent = await positions();
                try
                {
                    if (sent.Offsets.Count > 0)
                        await SendOffsetsAsync(sent);
                    return sent;
                }
                catch (KafkaException fault) when (attempt < MaxStale
                    && fault.Code is ErrorCode.IllegalGeneration or ErrorCode.StaleMemberEpoch)
                {
                    // The member's new epoch is on its way to it, unless the group goes on without it.
                    await core.DelayAsync(core.Backoff(attempt));
                }
            }
        }
        catch (KafkaException fault)
        {
            var told = _gate.Take(fault, "the group's positions are not part of the transaction");
            sender.Wake();
            throw told;
        }
    }

    private async Task SendOffsetsAsync(GroupPositions positions)
    {
        _gate.Start();
        if (!_gate.IsImplicit)
        {
            await TransactionCalls.AddOffsetsAsync(core, _gate.Id, sender.Identity, positions.Group, InTime());
            _gate.IsConfirmed = true;
        }

        await TransactionCalls.CommitOffsetsAsync(core, _gate, sender.Identity, positions, InTime());
    }

    private async Task EndAsync(bool isCommit)
    {
        _gate.Close();
        (_isCommit, Phase) = (isCommit, TransactionPhase.Unsettled);
        await SettleAsync();
    }

    /// <summary>Tells the coordinator how the transaction ends, and takes in what it says. Asked again, it says the
    /// same again: an answer that was lost costs nothing.</summary>
    private async Task SettleAsync()
    {
        if (!_gate.IsStarted)
        {
            Settled();
            return;
        }

        try
        {
            var (id, epoch) = await TransactionCalls.EndAsync(
                core, _gate, sender.Identity, _isCommit, InTime());
            if (id != ProducerId.None)
                sender.Identity.Take(id, epoch);
            else
                _wantsEpoch |= _gate.HasGap;
            Settled();
        }
        catch (KafkaException fault) when (IsVoid(fault))
        {
            // Should the request that was to begin it still arrive, a new epoch keeps it out.
            _wantsEpoch = true;
            Settled();
        }
        catch (KafkaException fault)
        {
            throw Unsettled(fault);
        }
    }

    /// <summary>True when there is nothing to abort, for the transaction has never come about.</summary>
    private bool IsVoid(KafkaException fault) => fault.Code == ErrorCode.InvalidTxnState && !_isCommit
        && !_gate.IsImplicit && !_gate.IsConfirmed;

    private void Settled() => (Phase, _inDoubt) = (TransactionPhase.Idle, false);

    private KafkaException Unsettled(KafkaException fault)
    {
        _inDoubt |= fault.MayHaveBeenApplied;
        var why = _isCommit ? "the commit" : "the abort";
        if (fault.Code.IsRetriable())
            return new KafkaException(fault.Code, $"{why} was not confirmed", fault) { MayHaveBeenApplied = _inDoubt };
        // That it has ended already may be a timeout: what the coordinator says to an abort shows whether the producer
        // can go on.
        var told = _isCommit && !_inDoubt && fault.Code is ErrorCode.TransactionAbortable or ErrorCode.InvalidTxnState
            ? TransactionFault.Of(fault.Code, why, _gate.IsOverdue, mayHaveBeenApplied: false)
            : Fatal(TransactionFault.Of(fault.Code, why, _gate.IsOverdue, _inDoubt));
        if (told.IsFatal)
            sender.Identity.Condemn(told);
        else
            Phase = TransactionPhase.Open;
        _gate.Fail(told);
        return told;
    }

    /// <summary>Nothing can follow a transaction of which it is not known how it ended.</summary>
    private static KafkaException Fatal(KafkaException fault) => fault.IsFatal
        ? fault
        : new KafkaException(fault.Code, fault.Reason, fault)
        {
            IsFatal = true,
            MayHaveBeenApplied = fault.MayHaveBeenApplied,
        };

    private Deadline InTime() => Deadline.In(core.Host.Time, options.MaxBlock);

    private static void Expect(bool holds)
    {
        if (!holds)
            throw new InvalidOperationException("the transaction has ended, or its commit is under way");
    }
}

/// <summary>Where a transactional producer stands.</summary>
internal enum TransactionPhase
{
    /// <summary>Between transactions.</summary>
    Idle,

    /// <summary>In a transaction, which may have failed already.</summary>
    Open,

    /// <summary>The end of the transaction was asked for, and is not confirmed.</summary>
    Unsettled,
}
