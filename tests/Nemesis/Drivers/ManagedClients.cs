using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Tests.Checker;

namespace Barnabas.Tests.Nemesis.Drivers;

/// <summary>The managed client's producer.</summary>
internal sealed class ManagedSender(KafkaClient client) : ISender
{
    private readonly Producer<byte[], byte[]> _producer = client.CreateProducer<byte[], byte[]>(
        new ProducerOptions { Linger = TimeSpan.FromMilliseconds(2), RequestTimeout = TimeSpan.FromSeconds(10) });

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Sent>> SendAsync(TopicPartition partition, IReadOnlyList<byte[]> records)
    {
        var sent = records.Select(record => SendAsync(partition, record)).ToList();
        return await Task.WhenAll(sent);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _producer.DisposeAsync();

    private async Task<Sent> SendAsync(TopicPartition partition, byte[] record)
    {
        try
        {
            var written = await _producer.SendAsync(
                new ProducerRecord<byte[], byte[]>(partition.Topic, null, record) { Partition = partition.Partition });
            return new(Outcome.Ok, written.Offset.Value, null);
        }
        catch (KafkaException fault)
        {
            return new(
                fault.MayHaveBeenApplied ? Outcome.Unknown : Outcome.Failed, Step.NoOffset,
                $"managed producer: {fault.Code.KafkaName()}, {(fault.MayHaveBeenApplied ? "in doubt" : "for good")}");
        }
    }
}

/// <summary>The managed client's reader of partitions.</summary>
internal sealed class ManagedReader : IReader
{
    private readonly RawReader _reader;
    private readonly Pieces _pieces;

    /// <summary>A reader that begins at these offsets, by number of the partition.</summary>
    public ManagedReader(KafkaClient client, IReadOnlyList<long> from)
    {
        _reader = client.CreateRawReader(
            Topics.Keys.Select(key => (Topics.PartitionOf(key), OffsetSpec.At(from[key]))),
            new ReaderOptions { OffsetReset = null });
        _pieces = new(stop => _reader.ReadAllAsync(stop: stop));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Got>> PollAsync()
    {
        try
        {
            return await _pieces.NextAsync();
        }
        catch (KafkaException fault)
        {
            throw new ClientEnded($"managed reader: {fault.Message}");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _pieces.DisposeAsync();
        await _reader.DisposeAsync();
    }
}

/// <summary>The managed client's consumer and transactional producer, one feeding the other.</summary>
internal sealed class ManagedCopier : ICopier
{
    /// <summary>Its group, and its transactional id.</summary>
    public const string Name = "managed-copier";

    private readonly RawConsumer _consumer;
    private readonly Pieces _pieces;
    private readonly TransactionalProducer<byte[], byte[]> _producer;

    private ManagedCopier(KafkaClient client, string source)
    {
        _consumer = client.CreateRawConsumer(new ConsumerOptions(Name, source)
        {
            InstanceId = Name,
            AutoCommit = false,
            Reading = Pieces.Reading,
        });
        _pieces = new(_consumer.ReadAllAsync);
        _producer = client.CreateTransactionalProducer<byte[], byte[]>(
            Name, new()
            {
                TransactionTimeout = TimeSpan.FromSeconds(20),
                RequestTimeout = TimeSpan.FromSeconds(10),
            });
    }

    /// <summary>A copier that has taken over from the one before.</summary>
    /// <exception cref="ClientEnded">It cannot.</exception>
    public static async Task<ICopier> BeginAsync(KafkaClient client, string source)
    {
        var copier = new ManagedCopier(client, source);
        try
        {
            await copier._producer.InitializeAsync();
            return copier;
        }
        catch (KafkaException fault)
        {
            await copier.DisposeAsync();
            throw new ClientEnded($"managed copier, at its begin: {fault.Message}");
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Got>> PollAsync()
    {
        try
        {
            return await _pieces.NextAsync();
        }
        catch (KafkaException fault)
        {
            throw new ClientEnded($"managed copier, reading: {fault.Message}");
        }
    }

    /// <inheritdoc/>
    public async Task<(Outcome Outcome, IReadOnlyList<long> Offsets, string? Error)> CommitAsync(
        IReadOnlyList<(TopicPartition To, byte[] Record)> records)
    {
        var offsets = new long[records.Count];
        Array.Fill(offsets, Step.NoOffset);
        var isAsked = false;
        KafkaException fault;
        try
        {
            await using var transaction = await _producer.BeginAsync();
            for (var i = 0; i < records.Count; i++)
            {
                var (at, (to, record)) = (i, records[i]);
                await transaction.EnqueueAsync(
                    new(to.Topic, null, record) { Partition = to.Partition },
                    report => offsets[at] = report.Failure is null ? report.Record.Offset.Value : Step.NoOffset);
            }

            await transaction.SendOffsetsAsync(_consumer);
            isAsked = true;
            await transaction.CommitAsync();
            return (Outcome.Ok, offsets, null);
        }
        catch (KafkaException failed)
        {
            fault = failed;
        }

        var outcome = isAsked && fault.MayHaveBeenApplied ? Outcome.Unknown : Outcome.Failed;
        return (outcome, offsets, await GoBackAsync(fault));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _pieces.DisposeAsync();
        await _consumer.DisposeAsync();
        await _producer.DisposeAsync();
    }

    private async Task<string> GoBackAsync(KafkaException fault)
    {
        var why = $"managed copier: {fault.GetType().Name} {fault.Code.KafkaName()}";
        try
        {
            if (fault.IsFatal)
                throw new ClientEnded($"{why}, fatal");
            await _consumer.RewindAsync();
            return why;
        }
        catch (KafkaException stuck)
        {
            throw new ClientEnded($"{why}, and no way back: {stuck.Code.KafkaName()}");
        }
    }
}
