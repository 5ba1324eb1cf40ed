using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>A partition found in a log directory.</summary>
/// <param name="Partition">Which it is.</param>
/// <param name="Log">Its log; null where it is damaged.</param>
/// <param name="Damage">What is damaged; null where nothing is.</param>
public readonly record struct LoadedPartition(TopicPartition Partition, PartitionLog? Log, LogDamage? Damage);
