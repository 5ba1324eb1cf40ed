using System.Net;

namespace Barnabas.Server;

/// <summary>How many connections there are, and whether one more may come. Owned by the acceptors'
/// lane.</summary>
internal sealed class ConnectionCounts(SocketServerOptions options)
{
    private readonly Dictionary<IPAddress, int> _perAddress = [];
    private readonly Dictionary<string, int> _perListener = new(StringComparer.Ordinal);

    /// <summary>The limits; changed ones hold for those who come.</summary>
    internal SocketServerOptions Limits { get; set; } = options;

    /// <summary>All connections.</summary>
    internal int All { get; private set; }

    /// <summary>How many connections there are above the limit, after it was lowered.</summary>
    internal int Excess => Math.Max(0, All - Limits.MaxConnections);

    /// <summary>Counts a connection in; else says why it may not come.</summary>
    internal string? TryAdd(string listener, IPAddress address)
    {
        var sameAddress = _perAddress.GetValueOrDefault(address);
        var sameListener = _perListener.GetValueOrDefault(listener);
        if (All >= Limits.MaxConnections)
            return $"there are {All} connections (max.connections)";
        if (sameListener >= Limits.MaxConnectionsOfListener.GetValueOrDefault(listener, int.MaxValue))
            return $"there are {sameListener} connections at the listener (max.connections)";
        if (sameAddress >= Limits.MaxConnectionsOfAddress.GetValueOrDefault(address, Limits.MaxConnectionsPerIp))
            return $"there are {sameAddress} connections from {address} (max.connections.per.ip)";
        All++;
        _perAddress[address] = sameAddress + 1;
        _perListener[listener] = sameListener + 1;
        return null;
    }

    /// <summary>A connection has ended.</summary>
    internal void Remove(string listener, IPAddress address)
    {
        All--;
        _perListener[listener]--;
        if (--_perAddress[address] == 0)
            _perAddress.Remove(address);
    }
}
