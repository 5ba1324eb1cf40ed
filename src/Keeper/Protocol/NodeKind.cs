namespace Barnabas.Keeper;

/// <summary>How long a node stays, and whether ZooKeeper numbers it: the flags of a create.</summary>
public enum NodeKind
{
    /// <summary>Until it is deleted.</summary>
    Persistent = 0,

    /// <summary>As long as the session.</summary>
    Ephemeral = 1,

    /// <summary>Until it is deleted; a number of ten digits is put behind its name.</summary>
    PersistentSequential = 2,

    /// <summary>As long as the session; a number of ten digits is put behind its name.</summary>
    EphemeralSequential = 3,

    /// <summary>Until its last child has gone.</summary>
    Container = 4,

    /// <summary>Until it has been old and without children for its time to live.</summary>
    PersistentWithTtl = 5,

    /// <summary>As the last, with a number behind its name.</summary>
    PersistentSequentialWithTtl = 6,
}
