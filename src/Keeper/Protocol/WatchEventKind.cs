namespace Barnabas.Keeper;

/// <summary>What happened to a node that is watched.</summary>
public enum WatchEventKind
{
    /// <summary>It was made.</summary>
    Created = 1,

    /// <summary>It was removed.</summary>
    Deleted = 2,

    /// <summary>It was written.</summary>
    DataChanged = 3,

    /// <summary>Children came or went.</summary>
    ChildrenChanged = 4,

    /// <summary>A watch of what it holds was taken away.</summary>
    DataWatchRemoved = 5,

    /// <summary>A watch of its children was taken away.</summary>
    ChildWatchRemoved = 6,

    /// <summary>A watch that stays was taken away.</summary>
    PersistentWatchRemoved = 7,
}
