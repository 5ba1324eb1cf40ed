namespace Barnabas.Server;

/// <summary>What a client may make a connection cost.</summary>
public sealed record ConnectionLimits
{
    /// <summary>The largest request (<c>socket.request.max.bytes</c>).</summary>
    public int MaxRequestBytes { get; init; } = 100 * 1024 * 1024;

    /// <summary>The largest first request. A listener that asks for authentication sets it low.</summary>
    public int MaxFirstRequestBytes { get; init; } = 100 * 1024 * 1024;

    /// <summary>How many requests may wait for their answers before no more are read.</summary>
    public int MaxInFlight { get; init; } = 64;

    /// <summary>How long a connection may be silent (<c>connections.max.idle.ms</c>).</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a new connection has until its first request is there.</summary>
    public TimeSpan FirstRequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long half a request may wait for its rest. It may begin anew each time in which
    /// <see cref="MinBytesPerSecond"/> were kept.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The slowest that a request may arrive which takes longer than that.</summary>
    public int MinBytesPerSecond { get; init; } = 1024;

    /// <summary>How long a peer may take to accept one send, of about a MiB at the most.</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
