using Barnabas.Base;
using Barnabas.Base.Real;
using Microsoft.Extensions.Logging.Abstractions;

namespace Barnabas.Client;

/// <summary>A Kafka cluster as a program sees it: one shared set of connections, from which producers, readers,
/// consumers and the admin side are made. Safe to use from several threads at once.</summary>
public sealed class KafkaClient : IAsyncDisposable
{
    private readonly ClientCore _core;
    private bool _disposed;

    /// <summary>A client of the cluster these servers belong to.</summary>
    /// <param name="bootstrapServers">Addresses as <c>host:port</c>, separated by commas.</param>
    public KafkaClient(string bootstrapServers)
        : this(new KafkaClientOptions { BootstrapServers = PropertyValue.List(bootstrapServers) })
    {
    }

    /// <summary>A client on the machine it runs on. Nothing is dialled before it is needed.</summary>
    /// <exception cref="KafkaException">An option is no good.</exception>
    public KafkaClient(KafkaClientOptions options)
        : this(options, RealHost.Create(options.LoggerFactory ?? NullLoggerFactory.Instance))
    {
    }

    /// <summary>A client on a host of the caller's: the simulator, say.</summary>
    /// <exception cref="KafkaException">An option is no good.</exception>
    public KafkaClient(KafkaClientOptions options, Host host)
    {
        Options = options;
        _core = new ClientCore(options, host);
        Admin = new Admin(_core);
    }

    /// <summary>What the client was made with.</summary>
    public KafkaClientOptions Options { get; }

    /// <summary>Topics, configs, groups and the cluster itself.</summary>
    public Admin Admin { get; }

    /// <summary>What is known of the cluster now; empty before the first request.</summary>
    public ClusterView Cluster => _core.Metadata.View;

    /// <summary>A client on the machine it runs on.</summary>
    /// <exception cref="KafkaException">An option is no good.</exception>
    public static KafkaClient Create(KafkaClientOptions options) => new(options);

    /// <summary>Reaches for the bootstrap servers, each once: for programs that would rather fail now than
    /// wait.</summary>
    /// <exception cref="BrokersUnreachableException">None of them answers.</exception>
    public Task ConnectAsync(CancellationToken stop = default) =>
        _core.Lane.RunAsync(_core.ProbeAsync).WaitAsync(stop);

    /// <summary>What is known of a topic, fetched if need be.</summary>
    /// <exception cref="KafkaException">It does not exist, or could not be learnt in time.</exception>
    public Task<TopicView> GetTopicAsync(string topic, CancellationToken stop = default) =>
        _core.Lane.RunAsync(() => _core.Metadata.TopicAsync(topic, _core.ApiDeadline())).WaitAsync(stop);

    /// <summary>A producer. Serializers may be left out for text, bytes, numbers and ids.</summary>
    /// <exception cref="KafkaException">An option is no good, or no serializer is built in.</exception>
    public Producer<TKey, TValue> CreateProducer<TKey, TValue>(
        ProducerOptions? options = null, ISerializer<TKey>? keys = null, ISerializer<TValue>? values = null) =>
        new(CreateRawProducer(options), keys ?? Serdes.For<TKey>(), values ?? Serdes.For<TValue>());

    /// <summary>A producer of bytes.</summary>
    /// <exception cref="KafkaException">An option is no good.</exception>
    public RawProducer CreateRawProducer(ProducerOptions? options = null) => options is { TransactionalId: not null }
        ? throw new ArgumentException("a transactional id is for CreateTransactionalProducer", nameof(options))
        : new(_core, options ?? new());

    /// <summary>A producer of transactions. Serializers may be left out for text, bytes, numbers and ids.</summary>
    /// <param name="transactionalId">Its lasting name: a newer producer of the same name takes its place.</param>
    /// <param name="options">The rest; with idempotence and <c>acks=all</c>, as is the default.</param>
    /// <param name="keys">How keys are written.</param>
    /// <param name="values">How values are written.</param>
    /// <exception cref="ArgumentException">Two options contradict each other.</exception>
    /// <exception cref="KafkaException">An option is no good, or no serializer is built in.</exception>
    public TransactionalProducer<TKey, TValue> CreateTransactionalProducer<TKey, TValue>(
        string transactionalId, ProducerOptions? options = null, ISerializer<TKey>? keys = null,
        ISerializer<TValue>? values = null) => new(
            CreateRawTransactionalProducer(transactionalId, options), keys ?? Serdes.For<TKey>(),
            values ?? Serdes.For<TValue>());

    /// <summary>A producer of transactions of bytes.</summary>
    /// <exception cref="ArgumentException">Two options contradict each other.</exception>
    /// <exception cref="KafkaException">An option is no good.</exception>
    public RawTransactionalProducer CreateRawTransactionalProducer(
        string transactionalId, ProducerOptions? options = null) => new(_core, transactionalId, options ?? new());

    /// <summary>A reader of one partition. Deserializers may be left out for text, bytes, numbers and ids.</summary>
    /// <exception cref="KafkaException">No deserializer is built in.</exception>
    public Reader<TKey, TValue> CreateReader<TKey, TValue>(
        TopicPartition partition, OffsetSpec from, ReaderOptions? options = null,
        IDeserializer<TKey>? keys = null, IDeserializer<TValue>? values = null) =>
        CreateReader([(partition, from)], options, keys, values);

    /// <summary>A reader of several partitions. Deserializers may be left out for text, bytes, numbers and
    /// ids.</summary>
    /// <exception cref="KafkaException">No deserializer is built in.</exception>
    public Reader<TKey, TValue> CreateReader<TKey, TValue>(
        IEnumerable<(TopicPartition Partition, OffsetSpec From)> assigned, ReaderOptions? options = null,
        IDeserializer<TKey>? keys = null, IDeserializer<TValue>? values = null) =>
        new(CreateRawReader(assigned, options), keys ?? Serdes.For<TKey>(), values ?? Serdes.For<TValue>());

    /// <summary>A reader of bytes.</summary>
    public RawReader CreateRawReader(
        IEnumerable<(TopicPartition Partition, OffsetSpec From)> assigned, ReaderOptions? options = null) =>
        new(_core, options ?? new(), assigned);

    /// <summary>A member of a group. Deserializers may be left out for text, bytes, numbers and ids.</summary>
    /// <exception cref="ArgumentException">An option is no good.</exception>
    /// <exception cref="KafkaException">No deserializer is built in.</exception>
    public Consumer<TKey, TValue> CreateConsumer<TKey, TValue>(
        ConsumerOptions options, IDeserializer<TKey>? keys = null, IDeserializer<TValue>? values = null) =>
        new(CreateRawConsumer(options), keys ?? Serdes.For<TKey>(), values ?? Serdes.For<TValue>());

    /// <summary>A member of a group that reads bytes.</summary>
    /// <exception cref="ArgumentException">An option is no good.</exception>
    public RawConsumer CreateRawConsumer(ConsumerOptions options) => new(_core, options);

    /// <summary>Closes all connections. Producers, readers and consumers are to be disposed before.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        await _core.Lane.RunAsync(() => _core.DisposeAsync().AsTask());
    }
}
