using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>A producer that a partition's leader remembers (KIP-664).</summary>
/// <param name="Id">Its id.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="LastSequence">The sequence number of its last record; -1 when it has none.</param>
/// <param name="LastTimestampMs">When it wrote last, in ms since 1970; -1 when unknown.</param>
public sealed record ActiveProducer(ProducerId Id, int Epoch, int LastSequence, long LastTimestampMs)
{
    /// <summary>The epoch of the coordinator that ended its last transaction; null when it has ended none.</summary>
    public int? CoordinatorEpoch { get; init; }

    /// <summary>Where its open transaction begins; null when none is open.</summary>
    public Offset? TransactionStart { get; init; }
}
