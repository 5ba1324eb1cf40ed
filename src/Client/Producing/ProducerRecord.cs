namespace Barnabas.Client;

/// <summary>A record to be produced.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TValue">The value.</typeparam>
/// <param name="topic">The topic.</param>
/// <param name="key">The key; null for none.</param>
/// <param name="value">The value; null for a tombstone.</param>
public sealed class ProducerRecord<TKey, TValue>(string topic, TKey? key, TValue? value)
{
    /// <summary>The topic.</summary>
    public string Topic { get; } = topic;

    /// <summary>The key; null for none.</summary>
    public TKey? Key { get; } = key;

    /// <summary>The value; null for a tombstone.</summary>
    public TValue? Value { get; } = value;

    /// <summary>The partition; null to have the partitioner choose.</summary>
    public int? Partition { get; init; }

    /// <summary>The timestamp; null for now.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>The headers, in order.</summary>
    public Headers Headers { get; init; } = [];
}
