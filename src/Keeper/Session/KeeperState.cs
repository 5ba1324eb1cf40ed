namespace Barnabas.Keeper;

/// <summary>How a client stands to the ensemble.</summary>
public enum KeeperState
{
    /// <summary>It looks for a server. The session may live or be over: only a server can say.</summary>
    Connecting,

    /// <summary>A server takes requests, and every watch stands. What changed in between was told only to watches that
    /// tell once: whoever follows by one that stays reads again.</summary>
    Connected,

    /// <summary>The session is over, and its ephemeral nodes are gone. For good.</summary>
    Expired,

    /// <summary>The servers do not believe who the client says it is. For good.</summary>
    AuthFailed,

    /// <summary>The client was closed.</summary>
    Closed,
}
