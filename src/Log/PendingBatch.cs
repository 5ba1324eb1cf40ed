using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>A batch waiting to be appended.</summary>
/// <param name="Bytes">One valid batch of format v2 and nothing else; the log writes base offset and leader
/// epoch into it, except for <see cref="AppendOrigin.Replication"/>, where it may be an entry of format v0 or v1
/// too. Free again when the append returns.</param>
/// <param name="Epoch">The leader epoch under which it is appended.</param>
/// <param name="Origin">Who appends.</param>
public readonly record struct PendingBatch(
    Memory<byte> Bytes, LeaderEpoch Epoch, AppendOrigin Origin = AppendOrigin.Client)
{
    /// <summary>What lets a batch open a transaction; needed of every transactional batch but markers and replicas
    /// (KIP-890).</summary>
    public VerificationGuard Guard { get; init; }

    /// <summary>With what the batch is refused, unless the log has it already; none for a batch that may be
    /// appended.</summary>
    /// <remarks>What was let in under one config comes again, for its answer was lost, and meets another: refused then,
    /// it would be divided and stored twice, or be told to have failed.</remarks>
    public ErrorCode Refusal { get; init; }

    /// <summary>The <c>transaction.version</c> by which a marker was decided; from 2 on its epoch is a new one
    /// (KIP-1228). Means nothing for other batches.</summary>
    public short TransactionVersion { get; init; }
}

/// <summary>Who appends a batch: it decides which checks apply.</summary>
public enum AppendOrigin
{
    /// <summary>A producer: epochs, sequences and duplicates are checked.</summary>
    Client,

    /// <summary>This node's own coordinators and journals: epochs are checked, sequences are not.</summary>
    Coordinator,

    /// <summary>A copy of what the leader has appended: offsets and epochs stand, nothing is judged again.</summary>
    Replication,
}
