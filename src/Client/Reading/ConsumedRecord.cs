using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>A record that was read; it owns all it holds.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TValue">The value.</typeparam>
public sealed class ConsumedRecord<TKey, TValue>
{
    /// <summary>The partition it comes from.</summary>
    public required TopicPartition Partition { get; init; }

    /// <summary>Its place in the partition.</summary>
    public required Offset Offset { get; init; }

    /// <summary>Its timestamp, in ms since 1970; -1 when it has none.</summary>
    public required long TimestampMs { get; init; }

    /// <summary>True when that is the broker's clock at the append, not the producer's.</summary>
    public required bool IsLogAppendTime { get; init; }

    /// <summary>The epoch of the leader that appended it; -1 when unknown.</summary>
    public required LeaderEpoch LeaderEpoch { get; init; }

    /// <summary>Its key; the type's default for none.</summary>
    public required TKey? Key { get; init; }

    /// <summary>Its value; the type's default for a tombstone.</summary>
    public required TValue? Value { get; init; }

    /// <summary>True when it has no value: in a compacted topic it deletes its key.</summary>
    public required bool IsTombstone { get; init; }

    /// <summary>Its headers, in order.</summary>
    public required Headers Headers { get; init; }

    /// <summary>The topic it comes from.</summary>
    public string Topic => Partition.Topic;

    /// <summary>Its timestamp.</summary>
    public DateTimeOffset Timestamp => DateTimeOffset.FromUnixTimeMilliseconds(TimestampMs);
}
