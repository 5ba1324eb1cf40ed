namespace Barnabas.Client;

/// <summary>Writes transactions (KIP-98): what is sent in one is read as a whole or not at all by those who read what
/// is committed, over partitions and topics, together with the positions of the consumer it came from. It has one
/// transaction at a time.</summary>
/// <typeparam name="TKey">The keys.</typeparam>
/// <typeparam name="TValue">The values.</typeparam>
public sealed class TransactionalProducer<TKey, TValue> : IAsyncDisposable
{
    private readonly RawTransactionalProducer _raw;
    private readonly RecordSending<TKey, TValue> _sending;

    internal TransactionalProducer(
        RawTransactionalProducer raw, ISerializer<TKey> keys, ISerializer<TValue> values) =>
        (_raw, _sending) = (raw, new(keys, values));

    /// <summary>The lasting name, by which a newer producer takes the place of this one.</summary>
    public string TransactionalId => _raw.TransactionalId;

    /// <inheritdoc cref="RawTransactionalProducer.InitializeAsync"/>
    public Task InitializeAsync(CancellationToken stop = default) => _raw.InitializeAsync(stop);

    /// <inheritdoc cref="RawTransactionalProducer.BeginAsync"/>
    public async Task<Transaction<TKey, TValue>> BeginAsync(CancellationToken stop = default) =>
        new(await _raw.BeginAsync(stop), _sending);

    /// <inheritdoc cref="RawTransactionalProducer.DisposeAsync"/>
    public ValueTask DisposeAsync() => _raw.DisposeAsync();
}
