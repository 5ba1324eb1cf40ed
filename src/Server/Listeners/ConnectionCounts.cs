using System.Net;

namespace Barnabas.Server;

/// <summary>How many connections there are, and whether one more may come. Owned by the acceptors'
/// lane.</summary>
internal sealed class ConnectionCounts(SocketServerOptions options)
{
    private readonly Dictionary<IPAddress, int> _perAddress = [];

    /// <summary>All connections.</summary>
    internal int All { get; private set; }

    /// <summary>Counts a connection in; else says why it may not come.</summary>
    internal string? TryAdd(IPAddress address)
    {
        var sameAddress = _perAddress.GetValueOrDefault(address);
        if (All >= options.MaxConnections)
            return $"there are {All} connections (max.connections)";
        if (sameAddress >= options.MaxConnectionsPerIp)
            return $"there are {sameAddress} connections from {address} (max.connections.per.ip)";
        All++;
        _perAddress[address] = sameAddress + 1;
        return null;
    }

    /// <summary>A connection has ended.</summary>
    internal void Remove(IPAddress address)
    {
        All--;
        if (--_perAddress[address] == 0)
            _perAddress.Remove(address);
    }
}
