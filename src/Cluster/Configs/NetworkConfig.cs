using Names = Barnabas.Cluster.Configs.BrokerConfigNames;

namespace Barnabas.Cluster.Configs;

/// <summary>What a node's listeners and connections are configured with. Sizes are bytes.</summary>
public sealed record NetworkConfig
{
    /// <summary>Where to listen and what to tell clients.</summary>
    public required ListenerSet Listeners { get; init; }

    /// <summary><c>socket.listen.backlog.size</c>.</summary>
    public required int ListenBacklog { get; init; }

    /// <summary><c>socket.receive.buffer.bytes</c>; null leaves it to the system.</summary>
    public required int? ReceiveBufferBytes { get; init; }

    /// <summary><c>socket.send.buffer.bytes</c>; null leaves it to the system.</summary>
    public required int? SendBufferBytes { get; init; }

    /// <summary><c>socket.request.max.bytes</c>: the largest frame read.</summary>
    public required int RequestMaxBytes { get; init; }

    /// <summary><c>connections.max.idle.ms</c>; null means never.</summary>
    public required TimeSpan? MaxIdle { get; init; }

    /// <summary><c>max.connections</c>.</summary>
    public required int MaxConnections { get; init; }

    /// <summary><c>max.connections.per.ip</c>.</summary>
    public required int MaxConnectionsPerIp { get; init; }

    /// <summary><c>max.connections.per.ip.overrides</c>: host names or addresses and their limits.</summary>
    public required IReadOnlyDictionary<string, int> MaxConnectionsPerIpOverrides { get; init; }

    /// <summary>What <c>max.connections</c> comes to for each of the listeners for clients, by its name: its own value
    /// (<c>listener.name.&lt;listener&gt;.max.connections</c>), else that of all.</summary>
    public required IReadOnlyDictionary<string, int> MaxConnectionsOfListener { get; init; }

    /// <summary><c>queued.max.request.bytes</c>: bytes of requests in work at a time; null where it is not
    /// limited.</summary>
    public required long? MaxRequestBytesInWork { get; init; }

    internal static NetworkConfig From(ConfigValues values, ListenerSet listeners) => new()
    {
        Listeners = listeners,
        ListenBacklog = values.Whole(Names.SocketListenBacklogSize),
        ReceiveBufferBytes = (int?)values.Limit(Names.SocketReceiveBufferBytes),
        SendBufferBytes = (int?)values.Limit(Names.SocketSendBufferBytes),
        RequestMaxBytes = values.Whole(Names.SocketRequestMaxBytes),
        MaxIdle = values.TimeLimit(Names.ConnectionsMaxIdleMs),
        MaxConnections = values.Whole(Names.MaxConnections),
        MaxConnectionsPerIp = values.Whole(Names.MaxConnectionsPerIp),
        MaxConnectionsPerIpOverrides = BrokerRules.Overrides(values.Word(Names.MaxConnectionsPerIpOverrides)),
        MaxConnectionsOfListener = listeners.ForClients.ToDictionary(
            listener => listener.Name, listener => values.WholeAt(listener.Name, Names.MaxConnections),
            StringComparer.Ordinal),
        MaxRequestBytesInWork = values.Limit(Names.QueuedMaxRequestBytes) is { } limit and > 0 ? limit : null,
    };
}
