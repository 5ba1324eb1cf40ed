using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Client;

/// <summary>A transaction of a <see cref="RawTransactionalProducer"/>. Records may be added from several threads at
/// once. Disposed without having been committed, it is aborted.</summary>
public sealed class RawTransaction : IRecordSink, IRecordTaker, IAsyncDisposable
{
    private readonly ClientCore _core;
    private readonly RawProducer _producer;
    private readonly TransactionSession _session;
    private readonly List<(RawConsumer Consumer, GroupPositions Positions)> _sent = [];
    private readonly Lock _gate = new();
    private bool _isOpen = true;

    internal RawTransaction(ClientCore core, RawProducer producer, TransactionSession session) =>
        (_core, _producer, _session) = (core, producer, session);

    /// <summary>True once the transaction is disposed, or known to be committed or aborted.</summary>
    internal bool HasEnded { get; private set; }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The transaction has ended, or is about to.</exception>
    /// <exception cref="TransactionAbortableException">The transaction cannot be committed any more.</exception>
    public bool TryEnqueue(
        string topic, int? partition, long? timestampMs, NullableBytes key, NullableBytes value,
        ReadOnlySpan<RecordHeader> headers = default, Action<DeliveryReport>? onDone = null)
    {
        lock (_gate)
        {
            Check();
            return _producer.TryEnqueue(topic, partition, timestampMs, key, value, headers, onDone);
        }
    }

    /// <inheritdoc/>
    public Task ReadyAsync(string topic, int size, CancellationToken stop = default) =>
        _producer.ReadyAsync(topic, size, stop);

    /// <summary>Has the positions of a consumer committed with the transaction: of all records it has yielded, the last
    /// one too. Its group refuses them if the partitions are others' by now (KIP-447).</summary>
    /// <param name="consumer">The consumer; its <see cref="ConsumerOptions.AutoCommit"/> is off.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">The consumer commits by itself, or the transaction has
    /// ended.</exception>
    /// <exception cref="TransactionAbortableException">They are not part of the transaction: it is to be
    /// aborted.</exception>
    /// <exception cref="KafkaException">The producer is done for.</exception>
    public Task SendOffsetsAsync(RawConsumer consumer, CancellationToken stop = default)
    {
        var positions = consumer.ForTransaction();
        return RunAsync(async () => _sent.Add((consumer, await _session.SendOffsetsAsync(positions))), stop);
    }

    /// <summary>Has positions committed with the transaction, without a member of the group having read up to
    /// there.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="offsets">By partition, the next offset to read.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">The transaction has ended.</exception>
    /// <exception cref="TransactionAbortableException">They are not part of the transaction: it is to be
    /// aborted.</exception>
    /// <exception cref="KafkaException">The producer is done for.</exception>
    public Task SendOffsetsAsync(
        string groupId, IReadOnlyDictionary<TopicPartition, CommittedOffset> offsets, CancellationToken stop = default)
    {
        var positions = new GroupPositions(groupId, MemberIdentity.None, offsets);
        return RunAsync(() => _session.SendOffsetsAsync(() => Task.FromResult(positions)), stop);
    }

    /// <summary>Sends what is left, and commits. Where it is not known what came of it
    /// (<see cref="KafkaException.MayHaveBeenApplied"/>), it may be asked for again, and nothing is committed
    /// twice.</summary>
    /// <param name="stop">Ends the wait, not the commit.</param>
    /// <exception cref="TransactionAbortableException">It is not committed: a record could not be delivered, say. It is
    /// to be aborted.</exception>
    /// <exception cref="TransactionTimedOutException">It was open for too long, and is aborted.</exception>
    /// <exception cref="ProducerFencedException">A newer producer has the transactional id.</exception>
    /// <exception cref="KafkaException">The coordinator refuses, or did not answer within
    /// <see cref="ProducerOptions.MaxBlock"/>.</exception>
    public Task CommitAsync(CancellationToken stop = default)
    {
        Close();
        return RunAsync(
            async () =>
            {
                await _session.CommitAsync();
                HasEnded = true;
                foreach (var (consumer, positions) in _sent)
                    await consumer.NoteCommittedAsync(positions);
            },
            stop);
    }

    /// <summary>Aborts: records that wait are given up, and those sent will be read by nobody who reads what is
    /// committed. Consumers go back by <see cref="RawConsumer.RewindAsync"/>.</summary>
    /// <param name="stop">Ends the wait, not the abort.</param>
    /// <exception cref="InvalidOperationException">The transaction has ended, or its commit is in doubt.</exception>
    /// <exception cref="KafkaException">The producer is done for, or the coordinator did not answer within
    /// <see cref="ProducerOptions.MaxBlock"/>.</exception>
    public Task AbortAsync(CancellationToken stop = default)
    {
        Close();
        return RunAsync(
            async () =>
            {
                await _session.AbortAsync();
                HasEnded = true;
            },
            stop);
    }

    /// <summary>Aborts what was not committed. Nothing is thrown if that fails: the next transaction sees to it, and
    /// without one the coordinator when the transaction's time is over.</summary>
    public async ValueTask DisposeAsync()
    {
        if (HasEnded)
            return;
        Close();
        await _core.Lane.RunAsync(() => _session.InTurnAsync(async () =>
        {
            if (HasEnded)
                return;
            await _session.AbandonAsync();
            HasEnded = true;
        }));
    }

    long IRecordTaker.Now() => ((IRecordTaker)_producer).Now();

    bool IRecordTaker.TrySend(
        in RecordTarget target, NullableBytes key, NullableBytes value, ReadOnlySpan<RecordHeader> headers,
        in FateRequest ask, out RecordPlace place)
    {
        lock (_gate)
        {
            Check();
            return ((IRecordTaker)_producer).TrySend(target, key, value, headers, ask, out place);
        }
    }

    /// <summary>What is taken after this would belong to no transaction.</summary>
    private void Close()
    {
        lock (_gate)
            _isOpen = false;
    }

    private void Check()
    {
        if (!_isOpen)
            throw new InvalidOperationException("the transaction has ended, or is about to");
        if (_session.Refusal is { } refusal)
            throw refusal;
    }

    private Task RunAsync(Func<Task> step, CancellationToken stop) => _core.Lane.RunAsync(
        () => _session.InTurnAsync(() => HasEnded
            ? throw new InvalidOperationException("the transaction has ended")
            : step())).WaitAsync(stop);
}
