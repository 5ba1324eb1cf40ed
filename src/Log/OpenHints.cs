using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>What the log directory knows of a partition before its files are read.</summary>
/// <param name="RecoveryPoint">The checkpointed offset below which all was on disk.</param>
/// <param name="LogStart">The checkpointed log start offset; the first segment's where that is larger.</param>
/// <param name="CleanShutdown">True when the last run closed its logs: nothing needs to be recovered.</param>
public readonly record struct OpenHints(Offset RecoveryPoint, Offset LogStart, bool CleanShutdown)
{
    /// <summary>Called, on the log's lane, before a truncation removes bytes below the recovery point: it returns
    /// once the checkpoint on disk says no more than the offset. Null where nobody keeps a checkpoint.</summary>
    /// <remarks>Otherwise a crash after the truncation would make the shorter log look damaged.</remarks>
    public Action<TopicPartition, Offset>? LowerRecoveryPoint { get; init; }

    /// <summary>True where nobody was promised more of the records above the recovery point than that they outlive the
    /// process: a recovery then takes the kernel's word for them, and waits for no sync.</summary>
    public bool TrustsCache { get; init; }

    /// <summary>Hears how a recovery gets on: bytes scanned and bytes to scan; null where nobody listens.</summary>
    public Action<long, long>? Progress { get; init; }
}
