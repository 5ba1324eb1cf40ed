namespace Barnabas.Client;

/// <summary>Sends records. Safe to use from several threads at once; one producer serves all topics.</summary>
/// <typeparam name="TKey">The keys.</typeparam>
/// <typeparam name="TValue">The values.</typeparam>
public sealed class Producer<TKey, TValue> : IAsyncDisposable
{
    private readonly RawProducer _raw;
    private readonly RecordSending<TKey, TValue> _sending;

    internal Producer(RawProducer raw, ISerializer<TKey> keys, ISerializer<TValue> values) =>
        (_raw, _sending) = (raw, new(keys, values));

    /// <summary>Sends a record, and completes when it is delivered.</summary>
    /// <exception cref="KafkaException">It could not be delivered.</exception>
    public ValueTask<RecordMetadata> SendAsync(
        string topic, TKey? key, TValue? value, CancellationToken stop = default) =>
        SendAsync(new ProducerRecord<TKey, TValue>(topic, key, value), stop);

    /// <summary>Sends a record, and completes when it is delivered.</summary>
    /// <exception cref="KafkaException">It could not be delivered.</exception>
    public ValueTask<RecordMetadata> SendAsync(
        ProducerRecord<TKey, TValue> record, CancellationToken stop = default) =>
        _sending.SendAsync(_raw, record, stop);

    /// <summary>Takes a record to be sent, and completes when it is taken: only a full buffer makes that
    /// wait.</summary>
    /// <param name="record">The record.</param>
    /// <param name="onDone">Called once the record's fate is known, on a thread of the client: it must not block.
    /// Without it, the next <see cref="FlushAsync"/> throws what went wrong.</param>
    /// <param name="stop">Ends the wait; the record is not taken then.</param>
    /// <exception cref="KafkaException">The record can never be delivered, or there was no room in time.</exception>
    public ValueTask EnqueueAsync(
        ProducerRecord<TKey, TValue> record, Action<DeliveryReport>? onDone = null, CancellationToken stop = default) =>
        _sending.EnqueueAsync(_raw, record, onDone, stop);

    /// <summary>Sends everything taken so far at once, and completes when its fate is known.</summary>
    /// <exception cref="KafkaException">A record enqueued without <c>onDone</c> could not be delivered.</exception>
    public Task FlushAsync(CancellationToken stop = default) => _raw.FlushAsync(stop);

    /// <summary>Flushes, and closes the producer's connections.</summary>
    public ValueTask DisposeAsync() => _raw.DisposeAsync();
}
