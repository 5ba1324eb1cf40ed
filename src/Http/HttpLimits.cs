namespace Barnabas.Http;

/// <summary>What clients of an <see cref="HttpServer"/> may make it cost.</summary>
public sealed record HttpLimits
{
    /// <summary>The most connections at a time; more are closed at once.</summary>
    public int MaxConnections { get; init; } = 64;

    /// <summary>The most bytes of a request, which has no body.</summary>
    public int MaxRequestBytes { get; init; } = 8 * 1024;

    /// <summary>How long a request may take to arrive, from its first byte on; also the time that a new connection has
    /// for its first request.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection may be silent between two requests.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a client may take to accept an answer.</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(60);
}
