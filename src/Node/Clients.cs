using System.Net;
using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Server;

namespace Barnabas.Node;

/// <summary>From a node's configs to its listeners and what clients may cost.</summary>
internal static class Clients
{
    /// <summary>What clients may cost together.</summary>
    public static SocketServerOptions LimitsOf(NetworkConfig config) => new()
    {
        MaxConnections = config.MaxConnections,
        MaxConnectionsPerIp = config.MaxConnectionsPerIp,
        RequestMemory = config.MaxRequestBytesInWork ?? new SocketServerOptions().RequestMemory,
    };

    // As long as a timer runs: a connection that may be idle for ever.
    private static readonly TimeSpan Never = TimeSpan.FromDays(40);

    /// <summary>Binds every listener for clients.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="server">Who listens.</param>
    /// <param name="config">Where.</param>
    /// <returns>The addresses, in the order of the listeners, ports resolved.</returns>
    /// <exception cref="IOException">An address cannot be had.</exception>
    public static async Task<IReadOnlyList<IPEndPoint>> BindAsync(
        Host host, SocketServer server, NetworkConfig config)
    {
        var bound = new List<IPEndPoint>();
        var limits = ConnectionLimitsOf(config);
        foreach (var listener in config.Listeners.ForClients)
        {
            var at = listener.TryGetAddress(out var address)
                ? address
                : new IPEndPoint((await host.Network.ResolveAsync(listener.Host, CancellationToken.None))[0], listener.Port);
            bound.Add(server.Bind(new ListenerOptions(listener.Name, at) { Limits = limits }));
        }

        return bound;
    }

    // A client that may not be idle for long may not be silent for longer.
    private static ConnectionLimits ConnectionLimitsOf(NetworkConfig config)
    {
        var standard = new ConnectionLimits();
        var idle = config.MaxIdle ?? Never;
        return standard with
        {
            MaxRequestBytes = config.RequestMaxBytes,
            MaxFirstRequestBytes = config.RequestMaxBytes,
            IdleTimeout = idle,
            FirstRequestTimeout = idle < standard.FirstRequestTimeout ? idle : standard.FirstRequestTimeout,
        };
    }
}
