using System.Net;
using Barnabas.Base;
using Barnabas.Cluster.Configs;
using Barnabas.Server;
using Microsoft.Extensions.Logging;

namespace Barnabas.Node;

/// <summary>From a node's configs to its listeners and what clients may cost.</summary>
internal static partial class Clients
{
    /// <summary>What clients may cost together.</summary>
    /// <remarks>A host of <c>max.connections.per.ip.overrides</c> that has no address is left out, with a line in the
    /// log.</remarks>
    public static async Task<SocketServerOptions> LimitsOfAsync(Host host, NetworkConfig config)
    {
        var ofAddress = new Dictionary<IPAddress, int>();
        foreach (var (name, most) in config.MaxConnectionsPerIpOverrides)
        {
            foreach (var address in await ResolveAsync(host, name))
                ofAddress[address] = most;
        }

        return new()
        {
            MaxConnections = config.MaxConnections,
            MaxConnectionsPerIp = config.MaxConnectionsPerIp,
            MaxConnectionsOfAddress = ofAddress,
            MaxConnectionsOfListener = config.MaxConnectionsOfListener,
            RequestMemory = config.MaxRequestBytesInWork ?? new SocketServerOptions().RequestMemory,
        };
    }

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
                : new IPEndPoint(
                    (await host.Network.ResolveAsync(listener.Host, CancellationToken.None))[0], listener.Port);
            bound.Add(server.Bind(new ListenerOptions(listener.Name, at)
            {
                Limits = limits,
                Sockets = new ListenSettings
                {
                    Backlog = config.ListenBacklog,
                    ReceiveBufferBytes = config.ReceiveBufferBytes,
                    SendBufferBytes = config.SendBufferBytes,
                },
            }));
        }

        return bound;
    }

    // A client that may not be idle for long may not be silent for longer.
    private static ConnectionLimits ConnectionLimitsOf(NetworkConfig config)
    {
        var standard = new ConnectionLimits();
        var idle = (config.MaxIdle ?? TimerSpan.Longest).ForTimer();
        return standard with
        {
            MaxRequestBytes = config.RequestMaxBytes,
            MaxFirstRequestBytes = config.RequestMaxBytes,
            IdleTimeout = idle,
            FirstRequestTimeout = idle < standard.FirstRequestTimeout ? idle : standard.FirstRequestTimeout,
        };
    }

    private static async ValueTask<IPAddress[]> ResolveAsync(Host host, string name)
    {
        try
        {
            return await host.Network.ResolveAsync(name, CancellationToken.None);
        }
        catch (IOException fault)
        {
            SayUnknownHost(host.Log.CreateLogger<SocketServer>(), name, fault.Message);
            return [];
        }
    }

    [LoggerMessage(LogLevel.Warning, "max.connections.per.ip.overrides is without effect for {Host}: {Reason}")]
    private static partial void SayUnknownHost(ILogger log, string host, string reason);
}
