namespace Barnabas.Replication;

/// <summary>Somebody whom a partition tells, once, that it has moved.</summary>
public abstract class Watcher
{
    /// <summary>True when there is nobody left to be told. From any lane.</summary>
    public abstract bool IsOver { get; }

    /// <summary>What it watches for has happened: the partition has forgotten it. From any lane.</summary>
    public abstract void Wake();
}
