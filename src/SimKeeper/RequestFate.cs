namespace Barnabas.SimKeeper;

/// <summary>What becomes of a request.</summary>
public enum RequestFate
{
    /// <summary>It is served.</summary>
    Served,

    /// <summary>The connection is lost before anything is done.</summary>
    LostBefore,

    /// <summary>It is done, now or soon, and the connection is lost before the answer.</summary>
    LostAfter,
}
