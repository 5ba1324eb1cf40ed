using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>Where a record came to lie.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The offset; -1 when the broker did not say (acks=0, or a duplicate long forgotten).</param>
/// <param name="AppendTimeMs">The broker's clock at the append, in ms since 1970; -1 where the record's own timestamp
/// stands.</param>
public readonly record struct RecordMetadata(TopicPartition Partition, Offset Offset, long AppendTimeMs);

/// <summary>What became of a record.</summary>
/// <param name="Record">Where it lies, where that is known.</param>
/// <param name="Failure">Why it was given up; null when it was delivered.</param>
public readonly record struct DeliveryReport(RecordMetadata Record, KafkaException? Failure);
