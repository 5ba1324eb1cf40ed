using Barnabas.Records;

namespace Barnabas.Client;

/// <summary>How a producer batches, compresses and insists.</summary>
public sealed record ProducerOptions
{
    internal static readonly PropertyTable<ProducerOptions> Table = new(
        new Dictionary<string, Func<ProducerOptions, string, ProducerOptions>>(StringComparer.Ordinal)
        {
            ["acks"] = (o, v) => o with { Acks = ParseAcks(v) },
            ["enable.idempotence"] = (o, v) => o with { Idempotence = PropertyValue.Bool(v) },
            ["compression.type"] = (o, v) => o with { Compression = ParseCodec(v) },
            ["compression.codec"] = (o, v) => o with { Compression = ParseCodec(v) },
            ["compression.level"] = (o, v) => o with { CompressionLevel = PropertyValue.Int(v) },
            ["compression.gzip.level"] = (o, v) => o with { CompressionLevel = PropertyValue.Int(v) },
            ["compression.lz4.level"] = (o, v) => o with { CompressionLevel = PropertyValue.Int(v) },
            ["compression.zstd.level"] = (o, v) => o with { CompressionLevel = PropertyValue.Int(v) },
            ["linger.ms"] = (o, v) => o with { Linger = PropertyValue.Milliseconds(v) },
            ["batch.size"] = (o, v) => o with { BatchSize = PropertyValue.Int(v) },
            ["max.request.size"] = (o, v) => o with { MaxRequestSize = PropertyValue.Int(v) },
            ["buffer.memory"] = (o, v) => o with { BufferMemory = PropertyValue.Long(v) },
            ["max.block.ms"] = (o, v) => o with { MaxBlock = PropertyValue.Milliseconds(v) },
            ["delivery.timeout.ms"] = (o, v) => o with { DeliveryTimeout = PropertyValue.Milliseconds(v) },
            ["request.timeout.ms"] = (o, v) => o with { RequestTimeout = PropertyValue.Milliseconds(v) },
            ["max.in.flight.requests.per.connection"] = (o, v) => o with { MaxInFlight = PropertyValue.Int(v) },
            ["transactional.id"] = (o, v) => o with { TransactionalId = v.Length > 0 ? v : null },
            ["transaction.timeout.ms"] = (o, v) => o with { TransactionTimeout = PropertyValue.Milliseconds(v) },
            ["message.send.max.retries"] = (o, v) => o with { Retries = PropertyValue.Int(v) },
            ["retries"] = (o, v) => o with { Retries = PropertyValue.Int(v) },
        });

    /// <summary>Who must have a record before it counts as delivered.</summary>
    public Acks Acks { get; init; } = Acks.All;

    /// <summary>Whether brokers recognise and drop what a retry sends twice (KIP-98); needs
    /// <see cref="Acks.All"/>.</summary>
    public bool Idempotence { get; init; } = true;

    /// <summary>How batches are compressed.</summary>
    public CompressionCodec Compression { get; init; } = CompressionCodec.None;

    /// <summary>How hard the codec tries, in its own levels; null for its default.</summary>
    public int? CompressionLevel { get; init; }

    /// <summary>How long a batch that is not full waits for more records.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>At how many bytes, before compression, a batch is full. A larger record gets a batch of its
    /// own.</summary>
    public int BatchSize { get; init; } = 256 * 1024;

    /// <summary>The most bytes one request, and so one record, may have.</summary>
    public int MaxRequestSize { get; init; } = 1024 * 1024;

    /// <summary>How many bytes may wait to be delivered before enqueueing waits.</summary>
    public long BufferMemory { get; init; } = 32 * 1024 * 1024;

    /// <summary>How long enqueueing may wait for buffer space or for a topic's metadata.</summary>
    public TimeSpan MaxBlock { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a record may take to be delivered, all retries included.</summary>
    public TimeSpan DeliveryTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long one request may wait for its answer.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many requests may be under way to one broker; an idempotent producer takes at most 5.</summary>
    public int MaxInFlight { get; init; } = 5;

    /// <summary>How often a batch may be sent again; the delivery timeout usually ends it earlier.</summary>
    public int Retries { get; init; } = int.MaxValue;

    /// <summary>The lasting name of a transactional producer, by which a newer one takes its place (KIP-98); null for a
    /// producer without transactions. <see cref="KafkaClient.CreateTransactionalProducer{TKey, TValue}"/> sets
    /// it.</summary>
    public string? TransactionalId { get; init; }

    /// <summary>After how long the coordinator aborts a transaction that is still open; brokers have a bound for it
    /// (<c>transaction.max.timeout.ms</c>).</summary>
    public TimeSpan TransactionTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Who chooses the partition of a record that names none.</summary>
    public Func<PartitionerContext, IPartitioner> Partitioner { get; init; } = Partitioners.Default;

    /// <summary>Options from properties by their Java names; names that are not known are left for others.</summary>
    /// <exception cref="KafkaException">A value is none.</exception>
    public static ProducerOptions FromProperties(IEnumerable<KeyValuePair<string, string>> properties) =>
        Table.Apply(new(), properties);

    /// <summary>These options and the properties on top.</summary>
    /// <exception cref="KafkaException">A value is none.</exception>
    public ProducerOptions With(IEnumerable<KeyValuePair<string, string>> properties) =>
        Table.Apply(this, properties);

    /// <summary>The options as they will hold: checked, and idempotence off where it cannot be had.</summary>
    /// <exception cref="ArgumentException">Two of them contradict each other, or one is out of range.</exception>
    internal ProducerOptions Checked()
    {
        if (TransactionalId is not null && (!Idempotence || Acks != Acks.All))
            throw new ArgumentException("a transactional producer is idempotent, with acks=all");
        ArgumentOutOfRangeException.ThrowIfLessThan(TransactionTimeout.TotalMilliseconds, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(TransactionTimeout.TotalMilliseconds, int.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxInFlight, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRequestSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BufferMemory, MaxRequestSize);
        ArgumentOutOfRangeException.ThrowIfNegative(Linger.Ticks);
        var isIdempotent = Idempotence && Acks == Acks.All;
        if (isIdempotent && MaxInFlight > 5)
        {
            throw new ArgumentException(
                "an idempotent producer has at most 5 requests under way to a broker (max.in.flight)");
        }

        return this with
        {
            Idempotence = isIdempotent,
            RequestTimeout = DeliveryTimeout < Linger + RequestTimeout ? DeliveryTimeout - Linger : RequestTimeout,
        };
    }

    private static Acks ParseAcks(string text) => text.ToUpperInvariant() switch
    {
        "ALL" or "-1" => Acks.All,
        "1" => Acks.Leader,
        "0" => Acks.None,
        _ => throw new FormatException(),
    };

    private static CompressionCodec ParseCodec(string text) => text.ToUpperInvariant() switch
    {
        "NONE" or "UNCOMPRESSED" => CompressionCodec.None,
        "GZIP" => CompressionCodec.Gzip,
        "SNAPPY" => CompressionCodec.Snappy,
        "LZ4" => CompressionCodec.Lz4,
        "ZSTD" => CompressionCodec.Zstd,
        _ => throw new FormatException(),
    };
}
