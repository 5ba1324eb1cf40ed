using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Barnabas.Base.Real;

/// <summary>A bound socket of the machine.</summary>
/// <remarks>What goes wrong with one arrival does not end it: only <see cref="DisposeAsync"/> does.</remarks>
#pragma warning disable RS0030 // The one place where sockets are accepted.
internal sealed partial class RealListener(Socket socket, ILaneFactory lanes, ILogger<RealListener> log)
    : IListener
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private volatile bool _closed;

    /// <inheritdoc/>
    public IPEndPoint Local { get; } = socket.LocalEndPoint as IPEndPoint
        ?? new IPEndPoint(IPAddress.None, 0);

    /// <inheritdoc/>
    public async ValueTask<IConnection?> AcceptAsync()
    {
        while (!_closed)
        {
            Socket? arrived = null;
            try
            {
                arrived = await socket.AcceptAsync();
                return new RealConnection(arrived, lanes);
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
            catch (SocketException) when (_closed || arrived is not null)
            {
                // Either we are done, or the peer has gone before we could greet it.
                arrived?.Dispose();
            }
            catch (SocketException fault) when (fault.SocketErrorCode is SocketError.ConnectionAborted
                or SocketError.ConnectionReset or SocketError.TimedOut)
            {
                // The peer has given up while it waited in the backlog.
            }
            catch (SocketException fault)
            {
                // Descriptors or memory have run out: they come back as other connections end.
                CannotAccept(log, Local, fault.Message);
                await Task.Delay(Pause, TimeProvider.System);
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _closed = true;
        socket.Dispose();
        return default;
    }

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "{Local} cannot accept a connection for now: {Reason}")]
    private static partial void CannotAccept(ILogger log, IPEndPoint local, string reason);
}
#pragma warning restore RS0030
