namespace Barnabas.Base;

/// <summary>How a listener's sockets are set up; what is null is left to the system.</summary>
public sealed record ListenSettings
{
    /// <summary>Everything left to the system.</summary>
    public static readonly ListenSettings Default = new();

    /// <summary>How many connections may wait to be accepted; the system has a limit of its own.</summary>
    public int? Backlog { get; init; }

    /// <summary>The receive buffer of accepted connections, in bytes (SO_RCVBUF).</summary>
    public int? ReceiveBufferBytes { get; init; }

    /// <summary>The send buffer of accepted connections, in bytes (SO_SNDBUF).</summary>
    public int? SendBufferBytes { get; init; }
}
