namespace Barnabas.Keeper;

/// <summary>How a request to ZooKeeper ended, by the protocol's codes.</summary>
public enum KeeperError
{
    /// <summary>It was done.</summary>
    None = 0,

    /// <summary>The server failed.</summary>
    SystemError = -1,

    /// <summary>Within a multi: not done, because an earlier operation failed.</summary>
    RuntimeInconsistency = -2,

    /// <summary>The server found its data inconsistent.</summary>
    DataInconsistency = -3,

    /// <summary>The connection was lost with the request on its way: whether it was done is not known.</summary>
    ConnectionLoss = -4,

    /// <summary>One side could not read the other.</summary>
    MarshallingError = -5,

    /// <summary>The server does not know the operation.</summary>
    Unimplemented = -6,

    /// <summary>The server took too long.</summary>
    OperationTimeout = -7,

    /// <summary>The arguments are none.</summary>
    BadArguments = -8,

    /// <summary>There is no such node.</summary>
    NoNode = -101,

    /// <summary>The session may not do that.</summary>
    NoAuth = -102,

    /// <summary>The node has another version.</summary>
    BadVersion = -103,

    /// <summary>An ephemeral node has no children.</summary>
    NoChildrenForEphemerals = -108,

    /// <summary>The node is there already.</summary>
    NodeExists = -110,

    /// <summary>The node has children.</summary>
    NotEmpty = -111,

    /// <summary>The session is over.</summary>
    SessionExpired = -112,

    /// <summary>The list of who may do what is none.</summary>
    InvalidAcl = -114,

    /// <summary>The client could not prove who it is.</summary>
    AuthFailed = -115,

    /// <summary>The session went on at another server.</summary>
    SessionMoved = -118,

    /// <summary>The server may only be read.</summary>
    NotReadOnly = -119,

    /// <summary>There is no such watch.</summary>
    NoWatcher = -121,

    /// <summary>The server asks for SASL first.</summary>
    SessionClosedRequireSaslAuth = -124,

    /// <summary>A quota of the server is used up.</summary>
    QuotaExceeded = -125,

    /// <summary>The server has too much to do.</summary>
    ThrottledOp = -127,
}
