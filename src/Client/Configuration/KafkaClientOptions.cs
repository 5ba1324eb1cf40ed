using Microsoft.Extensions.Logging;

namespace Barnabas.Client;

/// <summary>How a <see cref="KafkaClient"/> finds its cluster and how patient it is.</summary>
public sealed record KafkaClientOptions
{
    private static readonly PropertyTable<KafkaClientOptions> Table = new(
        new Dictionary<string, Func<KafkaClientOptions, string, KafkaClientOptions>>(StringComparer.Ordinal)
        {
            ["bootstrap.servers"] = (o, v) => o with { BootstrapServers = PropertyValue.List(v) },
            ["metadata.broker.list"] = (o, v) => o with { BootstrapServers = PropertyValue.List(v) },
            ["client.id"] = (o, v) => o with { ClientId = v },
            ["client.rack"] = (o, v) => o with { Rack = v },
            ["request.timeout.ms"] = (o, v) => o with { RequestTimeout = PropertyValue.Milliseconds(v) },
            ["default.api.timeout.ms"] = (o, v) => o with { ApiTimeout = PropertyValue.Milliseconds(v) },
            ["connections.max.idle.ms"] = (o, v) => o with { MaxIdle = PropertyValue.Milliseconds(v) },
            ["reconnect.backoff.ms"] = (o, v) => o with { ReconnectBackoff = PropertyValue.Milliseconds(v) },
            ["reconnect.backoff.max.ms"] = (o, v) => o with { ReconnectBackoffMax = PropertyValue.Milliseconds(v) },
            ["retry.backoff.ms"] = (o, v) => o with { RetryBackoff = PropertyValue.Milliseconds(v) },
            ["retry.backoff.max.ms"] = (o, v) => o with { RetryBackoffMax = PropertyValue.Milliseconds(v) },
            ["metadata.max.age.ms"] = (o, v) => o with { MetadataMaxAge = PropertyValue.Milliseconds(v) },
            ["socket.connection.setup.timeout.ms"] =
                (o, v) => o with { SetupTimeout = PropertyValue.Milliseconds(v) },
            ["metadata.recovery.strategy"] = (o, v) => o with { Rebootstrap = ParseRecovery(v) },
            ["metadata.recovery.rebootstrap.trigger.ms"] =
                (o, v) => o with { RebootstrapAfter = PropertyValue.Milliseconds(v) },
            ["allow.auto.create.topics"] = (o, v) => o with { AllowAutoCreateTopics = PropertyValue.Bool(v) },
        });

    /// <summary>Where to begin: addresses as <c>host:port</c>; the port may be left out where it is 9092.</summary>
    public IReadOnlyList<string> BootstrapServers { get; init; } = ["localhost:9092"];

    /// <summary>The name under which brokers know this client in logs and quotas.</summary>
    public string ClientId { get; init; } = "barnabas";

    /// <summary>Where this client stands; a follower of the same rack may serve its fetches (KIP-392).</summary>
    public string Rack { get; init; } = "";

    /// <summary>How long one request may wait for its answer.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a call may take, its retries included, where it has no deadline of its own.</summary>
    public TimeSpan ApiTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a connection may take to stand.</summary>
    public TimeSpan SetupTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After how much silence a connection is closed.</summary>
    public TimeSpan MaxIdle { get; init; } = TimeSpan.FromMinutes(9);

    /// <summary>The first pause before a broker is dialled again; it doubles with each failure.</summary>
    public TimeSpan ReconnectBackoff { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest pause before a broker is dialled again.</summary>
    public TimeSpan ReconnectBackoffMax { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The first pause before a request is made again; it doubles with each failure.</summary>
    public TimeSpan RetryBackoff { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest pause before a request is made again.</summary>
    public TimeSpan RetryBackoffMax { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How old metadata may become, even if nothing speaks against it.</summary>
    public TimeSpan MetadataMaxAge { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether to begin again at the bootstrap servers when no known broker can be reached
    /// (KIP-899).</summary>
    public bool Rebootstrap { get; init; } = true;

    /// <summary>How long all known brokers must have been out of reach for that (KIP-1102).</summary>
    public TimeSpan RebootstrapAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether asking for a topic that does not exist may create it, where the broker allows that
    /// too.</summary>
    public bool AllowAutoCreateTopics { get; init; } = true;

    /// <summary>Where the client says what it does; null for nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>Options from properties by their Java names; names that are not known are left for others.</summary>
    /// <exception cref="KafkaException">A value is none.</exception>
    public static KafkaClientOptions FromProperties(IEnumerable<KeyValuePair<string, string>> properties) =>
        Table.Apply(new(), properties);

    /// <summary>Options from the text of a <c>client.properties</c> file.</summary>
    /// <exception cref="KafkaException">A value is none.</exception>
    public static KafkaClientOptions FromProperties(string text) => FromProperties(PropertiesText.Parse(text));

    /// <summary>True for a Java name that sets something here, or in the options of a producer, a reader or a
    /// consumer.</summary>
    public static bool IsKnownProperty(string name) =>
        Table.Knows(name) || ProducerOptions.Table.Knows(name) || ReaderOptions.Table.Knows(name)
            || ConsumerOptions.Table.Knows(name);

    /// <summary>These options and the properties on top.</summary>
    /// <exception cref="KafkaException">A value is none.</exception>
    public KafkaClientOptions With(IEnumerable<KeyValuePair<string, string>> properties) =>
        Table.Apply(this, properties);

    private static bool ParseRecovery(string text) => text.ToUpperInvariant() switch
    {
        "REBOOTSTRAP" => true,
        "NONE" => false,
        _ => throw new FormatException(),
    };
}
