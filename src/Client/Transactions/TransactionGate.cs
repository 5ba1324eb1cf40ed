using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>What of a producer's batches may be sent: those of the open transaction, once their partitions are part of
/// it. Owned by the client's lane, but for <see cref="Failure"/>.</summary>
/// <remarks>Since transaction.version 2 a partition becomes part of the transaction by the first Produce request that
/// names it (KIP-890); before, it is added by a request to the coordinator.</remarks>
internal sealed class TransactionGate(ClientCore core, ProducerOptions options, ProducerIdentity identity, Action wake)
{
    private readonly HashSet<TopicPartition> _added = [];
    private readonly HashSet<TopicPartition> _wanted = [];
    private volatile KafkaException? _failure;
    private Task? _adding;
    private long _startedAt;

    /// <summary>The transactional id.</summary>
    public string Id { get; } = options.TransactionalId!;

    /// <summary>True while batches may be sent.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>True when partitions become part of the transaction by being written to.</summary>
    public bool IsImplicit { get; private set; }

    /// <summary>True when the coordinator may know of the transaction: it has to be told how it ends.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>True when the coordinator has said that it knows of the transaction; before transaction.version
    /// 2.</summary>
    public bool IsConfirmed { get; set; }

    /// <summary>True when a batch was given up after it had its sequence: only a new epoch begins at 0
    /// again.</summary>
    public bool HasGap { get; set; }

    /// <summary>Why the transaction cannot be committed; null as long as it can. Any thread.</summary>
    public KafkaException? Failure => _failure;

    /// <summary>True when the transaction was open for so long that the coordinator has aborted it by now.</summary>
    public bool IsOverdue =>
        IsStarted && core.Host.Time.GetElapsedTime(_startedAt) >= options.TransactionTimeout;

    /// <summary>A transaction begins.</summary>
    public void Open(bool isImplicit)
    {
        (IsOpen, IsImplicit, IsStarted, IsConfirmed) = (true, isImplicit, false, false);
        (HasGap, _failure) = (false, null);
        _added.Clear();
        _wanted.Clear();
    }

    /// <summary>Nothing more is sent.</summary>
    public void Close() => IsOpen = false;

    /// <summary>The transaction is to be aborted: what waits is given up, and nothing more is sent.</summary>
    public void Fail(KafkaException why)
    {
        _failure ??= why;
        Close();
    }

    /// <summary>The coordinator is about to hear of the transaction: its clock begins.</summary>
    public void Start()
    {
        if (IsStarted)
            return;
        IsStarted = true;
        _startedAt = core.Host.Time.GetTimestamp();
    }

    /// <summary>True when the partition may be written to; else it is wanted from now on.</summary>
    public bool Admits(TopicPartition partition)
    {
        if (IsImplicit || _added.Contains(partition))
            return true;
        _wanted.Add(partition);
        return false;
    }

    /// <summary>Asks for the partitions that are wanted; the sender is woken when they are there.</summary>
    public void AddWanted()
    {
        if (_wanted.Count == 0 || _adding is { IsCompleted: false })
            return;
        Start();
        _adding = AddAsync([.. _wanted.Order()]);
        _wanted.Clear();
    }

    /// <summary>Completes when no request of its own is under way.</summary>
    public Task QuietAsync() => _adding ?? Task.CompletedTask;

    private async Task AddAsync(IReadOnlyList<TopicPartition> partitions)
    {
        try
        {
            var deadline = Deadline.In(core.Host.Time, options.MaxBlock);
            await TransactionCalls.AddPartitionsAsync(core, Id, identity, partitions, deadline);
            _added.UnionWith(partitions);
            _wanted.ExceptWith(partitions);
            IsConfirmed = true;
        }
        catch (KafkaException fault)
        {
            Take(fault, "partitions were not added to the transaction");
        }
        catch (ObjectDisposedException)
        {
            // The client was closed before its producer: nobody is left to send to.
            Close();
        }

        wake();
    }

    /// <summary>Takes in what went wrong: the transaction is to be aborted, or the producer is done for.</summary>
    /// <returns>The exception as it is to be told.</returns>
    public KafkaException Take(KafkaException fault, string what)
    {
        var why = fault.Reason is { } reason ? $"{what}: {reason}" : what;
        var told = TransactionFault.Of(fault.Code, why, IsOverdue, fault.MayHaveBeenApplied);
        if (told.IsFatal)
            identity.Condemn(told);
        Fail(told);
        return told;
    }
}
