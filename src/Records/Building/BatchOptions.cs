using Barnabas.Base;

namespace Barnabas.Records;

/// <summary>What a batch to be built says of itself besides its records. Start from <c>new()</c>, not
/// <c>default</c>: none is -1 for most.</summary>
public readonly record struct BatchOptions
{
    /// <summary>A plain batch as a producer sends it: not compressed, no producer id, offset 0.</summary>
    public BatchOptions()
    {
    }

    /// <summary>How the records are compressed.</summary>
    public Compression Compression { get; init; }

    /// <summary>The offset of the first record; 0 from producers.</summary>
    public Offset BaseOffset { get; init; }

    /// <summary>The epoch of the leader that writes the batch; none from producers.</summary>
    public LeaderEpoch LeaderEpoch { get; init; } = LeaderEpoch.None;

    /// <summary>The idempotent producer, or none.</summary>
    public ProducerId ProducerId { get; init; } = ProducerId.None;

    /// <summary>The producer's epoch; -1 for none.</summary>
    public short ProducerEpoch { get; init; } = -1;

    /// <summary>The sequence number of the first record; -1 for none.</summary>
    public int BaseSequence { get; init; } = -1;

    /// <summary>True for a batch of a transaction.</summary>
    public bool IsTransactional { get; init; }

    /// <summary>True for markers and KRaft control records.</summary>
    public bool IsControl { get; init; }

    /// <summary>The broker's clock at the append, in ms, to stand for all timestamps; null to keep each
    /// record's own.</summary>
    public long? LogAppendTime { get; init; }
}
