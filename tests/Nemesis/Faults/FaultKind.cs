namespace Barnabas.Tests.Nemesis.Faults;

/// <summary>What can go wrong.</summary>
internal enum FaultKind
{
    /// <summary>kill -9 of a partition's leader.</summary>
    KillLeader,

    /// <summary>kill -9 of the controller.</summary>
    KillController,

    /// <summary>kill -9 of a group's coordinator.</summary>
    KillGroupCoordinator,

    /// <summary>kill -9 of the coordinator of transactions.</summary>
    KillTransactionCoordinator,

    /// <summary>kill -9 of a server of the ensemble.</summary>
    KillEnsembleMember,

    /// <summary>kill -9 of all brokers at once.</summary>
    KillAllBrokers,

    /// <summary>kill -9 of a client in the middle of its transactions.</summary>
    KillCopier,

    /// <summary>SIGTERM of a broker: it stops in good order.</summary>
    StopBroker,

    /// <summary>SIGSTOP of a partition's leader, SIGCONT to heal.</summary>
    PauseLeader,

    /// <summary>SIGSTOP of the controller.</summary>
    PauseController,

    /// <summary>SIGSTOP of a server of the ensemble.</summary>
    PauseEnsembleMember,

    /// <summary>A leader is cut off from the other brokers and from the ensemble, both ways. Clients still reach
    /// it.</summary>
    IsolateLeader,

    /// <summary>The controller is.</summary>
    IsolateController,

    /// <summary>A leader is cut off from the ensemble alone.</summary>
    CutFromEnsemble,

    /// <summary>A leader is cut off from the other brokers alone.</summary>
    CutFromBrokers,

    /// <summary>A leader is heard, and hears nobody.</summary>
    Deafen,

    /// <summary>A leader hears, and is heard by nobody.</summary>
    Mute,

    /// <summary>A server of the ensemble is cut off from the other two.</summary>
    IsolateEnsembleMember,

    /// <summary>fdatasync and fsync of a leader fail with EIO.</summary>
    FailSync,

    /// <summary>The file system of a leader's log directory is full.</summary>
    FillDisk,

    /// <summary>A broker's wall clock jumps.</summary>
    JumpClock,
}
