using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.Logging;

namespace Barnabas.Base.Real;

/// <summary>The machine's TCP.</summary>
/// <param name="log">Where listeners tell that they cannot accept.</param>
/// <param name="lanes">Threads for what blocks.</param>
#pragma warning disable RS0030 // The one place where sockets are made.
public sealed class RealNetwork(ILoggerFactory log, ILaneFactory lanes) : INetwork
{
    private const int Backlog = 4096;
    private const int SolSocket = 1;
    private const int SoReuseAddress = 2;

    /// <inheritdoc/>
    public IListener Listen(IPEndPoint at, ListenSettings? settings = null)
    {
        var socket = NewSocket(at.Address);
        try
        {
            // The plain option alone: the runtime's own name for it would also let a second process share the
            // port.
            socket.SetRawSocketOption(SolSocket, SoReuseAddress, BitConverter.GetBytes(1));
            if (at.Address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            SetBuffers(socket, settings ?? ListenSettings.Default);
            socket.Bind(at);
            socket.Listen(settings?.Backlog ?? Backlog);
            return new RealListener(socket, lanes, log.CreateLogger<RealListener>());
        }
        catch (SocketException fault)
        {
            socket.Dispose();
            throw new IOException($"cannot listen at {at}: {fault.Message}", fault);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IConnection> DialAsync(string host, int port, CancellationToken stop)
    {
        var addresses = await ResolveAsync(host, stop);
        SocketException? last = null;
        foreach (var address in addresses)
        {
            var socket = NewSocket(address);
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), stop);
                return new RealConnection(socket, lanes);
            }
            catch (SocketException fault)
            {
                socket.Dispose();
                last = fault;
            }
            catch (OperationCanceledException)
            {
                socket.Dispose();
                throw;
            }
        }

        throw new IOException(
            $"cannot connect to {host}:{port}: {last?.Message ?? "the name has no address"}", last);
    }

    /// <inheritdoc/>
    public async ValueTask<IConnection> EncryptAsync(
        IConnection dialled, TlsSettings settings, string name, CancellationToken stop)
    {
        var trust = new TlsTrust(settings, name);
        try
        {
            return await TlsConnection.AsClientAsync(dialled, trust.Options(), stop);
        }
        catch (Exception fault) when (fault is IOException or AuthenticationException)
        {
            throw new IOException($"no TLS with {name}: {trust.Refusal ?? fault.Message}", fault);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IPAddress[]> ResolveAsync(string host, CancellationToken stop)
    {
        if (IPAddress.TryParse(host, out var address))
            return [address];
        try
        {
            return await Dns.GetHostAddressesAsync(host, stop);
        }
        catch (SocketException fault)
        {
            throw new IOException($"cannot resolve {host}: {fault.Message}", fault);
        }
    }

    // Accepted sockets inherit them; set later they could not widen the window the connection began with.
    private static void SetBuffers(Socket socket, ListenSettings settings)
    {
        if (settings.ReceiveBufferBytes is { } receive)
            socket.ReceiveBufferSize = receive;
        if (settings.SendBufferBytes is { } send)
            socket.SendBufferSize = send;
    }

    private static Socket NewSocket(IPAddress address) =>
        new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
}
#pragma warning restore RS0030
