using Barnabas.Base;

namespace Barnabas.Replication;

/// <summary>The transaction that a coordinator's record is part of, or ends (KIP-98).</summary>
/// <param name="ProducerId">Whose it is.</param>
/// <param name="ProducerEpoch">The epoch that stands in the batch.</param>
/// <param name="IsEnd">True for the marker that ends it: its key and value are those of a control record.</param>
public readonly record struct RecordTransaction(ProducerId ProducerId, short ProducerEpoch, bool IsEnd);
