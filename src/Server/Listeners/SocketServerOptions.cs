using System.Collections.ObjectModel;
using System.Net;
using Barnabas.Server.Quotas;

namespace Barnabas.Server;

/// <summary>What all connections together may cost.</summary>
public sealed record SocketServerOptions
{
    /// <summary>The most connections at a time (<c>max.connections</c>).</summary>
    public int MaxConnections { get; init; } = int.MaxValue;

    /// <summary>The most connections at a time from one address (<c>max.connections.per.ip</c>).</summary>
    public int MaxConnectionsPerIp { get; init; } = int.MaxValue;

    /// <summary>Other limits for single addresses (<c>max.connections.per.ip.overrides</c>).</summary>
    public IReadOnlyDictionary<IPAddress, int> MaxConnectionsOfAddress { get; init; } =
        ReadOnlyDictionary<IPAddress, int>.Empty;

    /// <summary>The most connections at a time of single listeners
    /// (<c>listener.name.&lt;listener&gt;.max.connections</c>), by the listener's name.</summary>
    public IReadOnlyDictionary<string, int> MaxConnectionsOfListener { get; init; } =
        ReadOnlyDictionary<string, int>.Empty;

    /// <summary>The most connections at a time that have not sent a whole request yet; with one more, the oldest of
    /// them is closed.</summary>
    public int MaxSilentConnections { get; init; } = 1000;

    /// <summary>The memory of all requests that are being received or served
    /// (<c>queued.max.request.bytes</c>), an eighth of it for small ones alone. One request of the largest size
    /// may come on top.</summary>
    public long RequestMemory { get; init; } = 512L * 1024 * 1024;

    /// <summary>What holds clients to their quotas; null where nobody has any.</summary>
    public ClientQuotas? Quotas { get; init; }

    /// <summary>True to overwrite the memory of requests when it is given back: for tests.</summary>
    public bool PoisonReleasedMemory { get; init; }
}
