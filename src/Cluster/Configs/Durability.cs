namespace Barnabas.Cluster.Configs;

/// <summary>When an acks=all write counts as written: the values of <c>barnabas.durability</c>.</summary>
public enum Durability
{
    /// <summary><see cref="Fsync"/> where a partition has one replica, <see cref="PageCache"/> where it has
    /// more.</summary>
    Auto,

    /// <summary>Once it is synced to the disk; many writes share a sync.</summary>
    Fsync,

    /// <summary>Once the system and the in-sync replicas have it in memory.</summary>
    PageCache,
}
