using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>A transaction of a <see cref="TransactionalProducer{TKey, TValue}"/>. Records may be added from several
/// threads at once. Disposed without having been committed, it is aborted.</summary>
/// <typeparam name="TKey">The keys.</typeparam>
/// <typeparam name="TValue">The values.</typeparam>
public sealed class Transaction<TKey, TValue> : IAsyncDisposable
{
    private readonly RawTransaction _raw;
    private readonly RecordSending<TKey, TValue> _sending;

    internal Transaction(RawTransaction raw, RecordSending<TKey, TValue> sending) => (_raw, _sending) = (raw, sending);

    /// <summary>Sends a record, and completes when it is delivered: to be read once the transaction is
    /// committed.</summary>
    /// <exception cref="InvalidOperationException">The transaction has ended, or is about to.</exception>
    /// <exception cref="TransactionAbortableException">The record could not be delivered, or one before it: the
    /// transaction is to be aborted.</exception>
    /// <exception cref="KafkaException">The producer is done for.</exception>
    public ValueTask<RecordMetadata> SendAsync(
        string topic, TKey? key, TValue? value, CancellationToken stop = default) =>
        SendAsync(new ProducerRecord<TKey, TValue>(topic, key, value), stop);

    /// <summary>Sends a record, and completes when it is delivered: to be read once the transaction is
    /// committed.</summary>
    /// <exception cref="InvalidOperationException">The transaction has ended, or is about to.</exception>
    /// <exception cref="TransactionAbortableException">The record could not be delivered, or one before it: the
    /// transaction is to be aborted.</exception>
    /// <exception cref="KafkaException">The producer is done for.</exception>
    public ValueTask<RecordMetadata> SendAsync(
        ProducerRecord<TKey, TValue> record, CancellationToken stop = default) =>
        _sending.SendAsync(_raw, record, stop);

    /// <summary>Takes a record to be sent, and completes when it is taken: only a full buffer makes that wait. The
    /// commit waits for all of them, and fails if one could not be delivered.</summary>
    /// <param name="record">The record.</param>
    /// <param name="onDone">Called once the record's fate is known, on a thread of the client: it must not
    /// block.</param>
    /// <param name="stop">Ends the wait; the record is not taken then.</param>
    /// <exception cref="InvalidOperationException">The transaction has ended, or is about to.</exception>
    /// <exception cref="TransactionAbortableException">The transaction cannot be committed any more.</exception>
    /// <exception cref="KafkaException">The record can never be delivered, or there was no room in time.</exception>
    public ValueTask EnqueueAsync(
        ProducerRecord<TKey, TValue> record, Action<DeliveryReport>? onDone = null, CancellationToken stop = default) =>
        _sending.EnqueueAsync(_raw, record, onDone, stop);

    /// <inheritdoc cref="RawTransaction.SendOffsetsAsync(RawConsumer, CancellationToken)"/>
    /// <typeparam name="TReadKey">The keys the consumer reads.</typeparam>
    /// <typeparam name="TReadValue">The values the consumer reads.</typeparam>
    public Task SendOffsetsAsync<TReadKey, TReadValue>(
        Consumer<TReadKey, TReadValue> consumer, CancellationToken stop = default) =>
        _raw.SendOffsetsAsync(consumer.Member, stop);

    /// <inheritdoc cref="RawTransaction.SendOffsetsAsync(RawConsumer, CancellationToken)"/>
    public Task SendOffsetsAsync(RawConsumer consumer, CancellationToken stop = default) =>
        _raw.SendOffsetsAsync(consumer, stop);

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
        string groupId, IReadOnlyDictionary<TopicPartition, CommittedOffset> offsets,
        CancellationToken stop = default) => _raw.SendOffsetsAsync(groupId, offsets, stop);

    /// <inheritdoc cref="RawTransaction.CommitAsync"/>
    public Task CommitAsync(CancellationToken stop = default) => _raw.CommitAsync(stop);

    /// <inheritdoc cref="RawTransaction.AbortAsync"/>
    public Task AbortAsync(CancellationToken stop = default) => _raw.AbortAsync(stop);

    /// <inheritdoc cref="RawTransaction.DisposeAsync"/>
    public ValueTask DisposeAsync() => _raw.DisposeAsync();
}
