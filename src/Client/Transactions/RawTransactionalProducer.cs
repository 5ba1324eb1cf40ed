namespace Barnabas.Client;

/// <summary>A transactional producer of bytes (KIP-98): what it writes in a transaction is read as a whole or not at
/// all by those who read what is committed. It has one transaction at a time.</summary>
public sealed class RawTransactionalProducer : IAsyncDisposable
{
    private readonly ClientCore _core;
    private readonly RawProducer _producer;
    private readonly TransactionSession _session;
    private RawTransaction? _open;

    internal RawTransactionalProducer(ClientCore core, string transactionalId, ProducerOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(transactionalId);
        options = (options with { TransactionalId = transactionalId }).Checked();
        (_core, TransactionalId) = (core, transactionalId);
        _producer = new RawProducer(core, options);
        _session = new TransactionSession(core, options, _producer.Sender);
    }

    /// <summary>The lasting name, by which a newer producer takes the place of this one.</summary>
    public string TransactionalId { get; }

    /// <summary>The bytes of records that are not delivered yet.</summary>
    public long Buffered => _producer.Buffered;

    /// <summary>Takes the transactional id over: fences earlier producers of it, and ends what they left open. The
    /// first transaction does so by itself; a program that first looks where it stands calls this before.</summary>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="ProducerFencedException">A newer producer has it already.</exception>
    /// <exception cref="KafkaException">The coordinator refuses, or did not answer within
    /// <see cref="ProducerOptions.MaxBlock"/>.</exception>
    public Task InitializeAsync(CancellationToken stop = default) =>
        RunAsync(_session.InitializeAsync, stop);

    /// <summary>Begins a transaction.</summary>
    /// <param name="stop">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">The one before has not ended.</exception>
    /// <exception cref="ProducerFencedException">A newer producer has the transactional id.</exception>
    /// <exception cref="KafkaException">The producer is done for, or the coordinator did not answer within
    /// <see cref="ProducerOptions.MaxBlock"/>: begin again.</exception>
    public async Task<RawTransaction> BeginAsync(CancellationToken stop = default)
    {
        _session.ThrowIfFatal();
        if (_open is { HasEnded: false })
            throw new InvalidOperationException("a producer has one transaction at a time");
        await RunAsync(_session.BeginAsync, stop);
        return _open = new RawTransaction(_core, _producer, _session);
    }

    /// <summary>Aborts an open transaction, and closes the producer's connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_open is { } open)
            await open.DisposeAsync();
        await _producer.DisposeAsync();
    }

    private Task RunAsync(Func<Task> step, CancellationToken stop) =>
        _core.Lane.RunAsync(() => _session.InTurnAsync(step)).WaitAsync(stop);
}
