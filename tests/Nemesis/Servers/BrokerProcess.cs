using System.Globalization;
using Barnabas.Tests.Nemesis.Place;

namespace Barnabas.Tests.Nemesis.Servers;

/// <summary>A broker: the built binary, with a small file system of its own for what it stores.</summary>
internal sealed class BrokerProcess : ServerProcess
{
    private const int Port = 9092;
    private readonly string _binary;
    private readonly WallClock? _clock;

    /// <summary>A broker that is not running yet.</summary>
    /// <param name="site">Where it stands.</param>
    /// <param name="id">Its id.</param>
    /// <param name="home">Where it keeps its files.</param>
    /// <param name="ensemble">The addresses of the ensemble.</param>
    /// <param name="clock">Its wall clock, where that can be set.</param>
    /// <exception cref="PlaceException">The machine does not allow it a file system.</exception>
    public BrokerProcess(Site site, int id, string home, string ensemble, WallClock? clock)
        : base(site, NodeOf(id), home)
    {
        (BrokerId, _clock) = (id, clock);
        _binary = Path.Combine(Repository.Root, "artifacts", "bin", "Barnabas", Repository.Configuration, "barnabas");
        Volume = new Volume(site, Path.Combine(home, "data"));
        Address = $"{site.AddressOf(Node)}:{Port}";
        File.WriteAllText(Path.Combine(home, "server.properties"), string.Create(CultureInfo.InvariantCulture, $"""
            node.id={id}
            listeners=PLAINTEXT://{Address}
            advertised.listeners=PLAINTEXT://{Address}
            log.dirs={home}/data/logs
            zookeeper.connect={ensemble}/nemesis
            zookeeper.session.timeout.ms=6000
            zookeeper.connection.timeout.ms=60000
            broker.session.timeout.ms=6000
            broker.heartbeat.interval.ms=1000
            replica.lag.time.max.ms=5000
            default.replication.factor=3
            min.insync.replicas=2
            auto.create.topics.enable=false
            offsets.topic.num.partitions=3
            offsets.topic.replication.factor=3
            transaction.state.log.num.partitions=3
            transaction.state.log.replication.factor=3
            transaction.state.log.min.isr=2
            group.initial.rebalance.delay.ms=100
            group.consumer.min.session.timeout.ms=1000
            group.consumer.session.timeout.ms=6000
            group.consumer.min.heartbeat.interval.ms=500
            group.consumer.heartbeat.interval.ms=1000
            log.segment.bytes=4194304
            log.retention.ms=-1
            barnabas.http.listener=

            """));
    }

    /// <summary>Its id.</summary>
    public int BrokerId { get; }

    /// <summary>Where clients find it.</summary>
    public string Address { get; }

    /// <summary>The file system of its log directory.</summary>
    public Volume Volume { get; }

    /// <summary>Its wall clock; null where that cannot be set.</summary>
    public WallClock? Clock => _clock;

    /// <inheritdoc/>
    protected override IEnumerable<string> Command => [_binary, "start", "--config", "server.properties"];

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, string? Value)> Variables =>
    [
        ("DOTNET_ROOT", Path.GetDirectoryName(Environment.ProcessPath)),
        ("DOTNET_gcServer", "0"),
        .. _clock?.Variables ?? [],
    ];

    /// <summary>The name of a broker's node.</summary>
    public static string NodeOf(int id) => string.Create(CultureInfo.InvariantCulture, $"broker{id}");
}
