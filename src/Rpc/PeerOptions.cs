namespace Barnabas.Rpc;

/// <summary>How a <see cref="Peer"/> introduces itself and what it bounds.</summary>
public sealed record PeerOptions
{
    /// <summary>The client id every request carries; null for none.</summary>
    public string? ClientId { get; init; }

    /// <summary>The software's name in ApiVersions (KIP-511): letters, digits, dots and dashes.</summary>
    public string SoftwareName { get; init; } = "barnabas";

    /// <summary>The software's version in ApiVersions; the same alphabet.</summary>
    public string SoftwareVersion { get; init; } = "0.1.0";

    /// <summary>How many requests may be under way at once; more wait unsent in the peer.</summary>
    public int MaxInFlight { get; init; } = 64;

    /// <summary>The largest answer in bytes; a longer one costs the peer its connection.</summary>
    public int MaxFrameSize { get; init; } = 128 * 1024 * 1024;

    /// <summary>How long the connection and its ApiVersions exchange may take.</summary>
    public TimeSpan SetupTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
