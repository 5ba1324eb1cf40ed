using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>A producer the partition remembers, as DescribeProducers shows it.</summary>
/// <param name="ProducerId">Its id.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="LastSequence">The sequence number of its last record; -1 for none.</param>
/// <param name="LastTimestamp">The largest timestamp of its last batch, in ms.</param>
/// <param name="CoordinatorEpoch">The epoch of the coordinator that wrote its last marker; -1 for none.</param>
/// <param name="TransactionStart">The first offset of its open transaction; null for none.</param>
public readonly record struct ActiveProducer(
    ProducerId ProducerId, short Epoch, int LastSequence, long LastTimestamp, int CoordinatorEpoch,
    Offset? TransactionStart);
