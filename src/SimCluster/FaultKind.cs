namespace Barnabas.SimCluster;

/// <summary>What may go wrong in a simulated cluster.</summary>
public enum FaultKind
{
    /// <summary>A broker's process ends in the middle of whatever it does (kill -9).</summary>
    Kill,

    /// <summary>A broker's machine loses its power: of what was not synced all, part or nothing is there
    /// afterwards.</summary>
    Power,

    /// <summary>A broker is stopped in good order.</summary>
    Stop,

    /// <summary>A broker's process stands still for a while (SIGSTOP).</summary>
    Pause,

    /// <summary>Two brokers cannot reach each other.</summary>
    Cut,

    /// <summary>A broker does not hear another, which hears it.</summary>
    OneWay,

    /// <summary>Some brokers cannot reach the others, nor these them; some of the ensemble may go with them.</summary>
    Split,

    /// <summary>A broker cannot reach the ensemble, or only part of it.</summary>
    Keeper,

    /// <summary>A session with the ensemble ends before its time.</summary>
    Session,

    /// <summary>Bytes between two machines take long, or all come late at once.</summary>
    Slow,

    /// <summary>All connections between two machines are reset.</summary>
    Reset,

    /// <summary>A disk is slow, or stuck for a while.</summary>
    SlowDisk,

    /// <summary>Calls of a disk fail: one, or all from one on.</summary>
    BadDisk,

    /// <summary>A disk is full for a while.</summary>
    FullDisk,

    /// <summary>A clock is set, or goes too fast or too slow.</summary>
    Clock,
}
