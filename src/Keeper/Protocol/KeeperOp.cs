namespace Barnabas.Keeper;

/// <summary>What a request of ZooKeeper's protocol asks for.</summary>
public enum KeeperOp
{
    /// <summary>Within the results of a multi: an operation that was not done.</summary>
    Error = -1,

    /// <summary>Ends the session.</summary>
    CloseSession = -11,

    /// <summary>Makes a node; the answer is its path.</summary>
    Create = 1,

    /// <summary>Removes a node.</summary>
    Delete = 2,

    /// <summary>Asks whether a node is there.</summary>
    Exists = 3,

    /// <summary>Reads a node.</summary>
    GetData = 4,

    /// <summary>Writes a node.</summary>
    SetData = 5,

    /// <summary>Reads who may do what.</summary>
    GetAcl = 6,

    /// <summary>Says who may do what.</summary>
    SetAcl = 7,

    /// <summary>Lists children.</summary>
    GetChildren = 8,

    /// <summary>Has the server catch up with its leader.</summary>
    Sync = 9,

    /// <summary>Says that the session lives.</summary>
    Ping = 11,

    /// <summary>Lists children, with the node's numbers.</summary>
    GetChildren2 = 12,

    /// <summary>Within a multi: holds a node's version against a number.</summary>
    Check = 13,

    /// <summary>Several changes, all or none.</summary>
    Multi = 14,

    /// <summary>Makes a node; the answer is its path and numbers.</summary>
    Create2 = 15,

    /// <summary>Takes watches away.</summary>
    RemoveWatches = 18,

    /// <summary>Makes a node that goes when its last child does.</summary>
    CreateContainer = 19,

    /// <summary>Makes a node that goes when it is old and without children.</summary>
    CreateTtl = 21,

    /// <summary>Several reads, each for itself.</summary>
    MultiRead = 22,

    /// <summary>Says who the client is.</summary>
    Auth = 100,

    /// <summary>One step of a SASL exchange.</summary>
    Sasl = 102,

    /// <summary>Takes up watches again after a connection was lost.</summary>
    SetWatches2 = 105,

    /// <summary>Begins a watch that stays.</summary>
    AddWatch = 106,
}
