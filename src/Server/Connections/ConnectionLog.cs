using System.Net;
using Barnabas.Base;
using Microsoft.Extensions.Logging;

namespace Barnabas.Server;

/// <summary>What is told of connections. What a peer can cause at will is told a few times a while, and then
/// counted.</summary>
internal sealed partial class ConnectionLog(Host host)
{
    private const int MostInAWhile = 10;
    private static readonly TimeSpan While = TimeSpan.FromSeconds(10);
    private readonly ILogger _log = host.Log.CreateLogger<SocketServer>();
    private long _since;
    private int _told;

    /// <summary>The peer sent what is no request.</summary>
    internal void Refused(ConnectionContext connection, string reason)
    {
        if (_log.IsEnabled(LogLevel.Information) && MayTell())
            Refused(_log, connection.Remote, connection.Software, connection.Listener, reason);
    }

    /// <summary>A limit of connections is reached.</summary>
    internal void Refused(string listener, IPEndPoint remote, string reason)
    {
        if (_log.IsEnabled(LogLevel.Warning) && MayTell())
            TurnedAway(_log, remote, listener, reason);
    }

    /// <summary>The peer kept us waiting.</summary>
    internal void Cut(ConnectionContext connection, string reason)
    {
        if (_log.IsEnabled(LogLevel.Debug) && MayTell())
            Cut(_log, connection.Remote, connection.Software, connection.Listener, reason);
    }

    /// <summary>The peer is gone.</summary>
    internal void Lost(ConnectionContext connection, string reason)
    {
        if (_log.IsEnabled(LogLevel.Debug) && MayTell())
            Lost(_log, connection.Remote, connection.Software, connection.Listener, reason);
    }

    /// <summary>A handler failed: a fault of ours, told always.</summary>
    internal void Failed(ConnectionContext connection, RequestContext request, Exception fault) =>
        Failed(
            _log, fault, request.ApiKey.ToString(), request.Version, connection.Remote,
            connection.Software);

    // Counted without a lock: a race may let one line more through, and no harm is done.
    private bool MayTell()
    {
        var now = host.Time.GetTimestamp();
        var since = Interlocked.Read(ref _since);
        if (host.Time.GetElapsedTime(since, now) >= While
            && Interlocked.CompareExchange(ref _since, now, since) == since)
        {
            var left = Interlocked.Exchange(ref _told, 0) - MostInAWhile;
            if (left > 0 && since != 0)
                More(_log, left);
        }

        return Interlocked.Increment(ref _told) <= MostInAWhile;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Closed {Remote} ({Software}, {Listener}): {Reason}")]
    private static partial void Refused(
        ILogger log, IPEndPoint remote, string software, string listener, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Turned {Remote} ({Listener}) away: {Reason}")]
    private static partial void TurnedAway(ILogger log, IPEndPoint remote, string listener, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Cut {Remote} ({Software}, {Listener}): {Reason}")]
    private static partial void Cut(
        ILogger log, IPEndPoint remote, string software, string listener, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Lost {Remote} ({Software}, {Listener}): {Reason}")]
    private static partial void Lost(
        ILogger log, IPEndPoint remote, string software, string listener, string reason);

    [LoggerMessage(
        Level = LogLevel.Information, Message = "{Count} more lines about connections were left out")]
    private static partial void More(ILogger log, int count);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "{Api} v{Version} from {Remote} ({Software}) failed; its connection is closed")]
    private static partial void Failed(
        ILogger log, Exception fault, string api, short version, IPEndPoint remote, string software);
}
