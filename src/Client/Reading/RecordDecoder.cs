namespace Barnabas.Client;

/// <summary>Turns fetched bytes into records that own all they hold.</summary>
internal sealed class RecordDecoder<TKey, TValue>(IDeserializer<TKey> keys, IDeserializer<TValue> values)
{
    /// <summary>Decodes all of them, up to the first that is damaged.</summary>
    public DecodedRecords<TKey, TValue> Decode(FetchedRecords fetched)
    {
        var records = new List<ConsumedRecord<TKey, TValue>>();
        using var cursor = fetched.GetEnumerator();
        try
        {
            while (cursor.MoveNext())
                records.Add(Decode(fetched, cursor));
            return new(records, null);
        }
        catch (KafkaException fault)
        {
            return new(records, fault);
        }
    }

    private ConsumedRecord<TKey, TValue> Decode(FetchedRecords fetched, scoped in RecordCursor cursor)
    {
        var record = cursor.Current;
        var topic = fetched.Partition.Topic;
        return new()
        {
            Partition = fetched.Partition,
            Offset = record.Offset,
            TimestampMs = record.Timestamp,
            IsLogAppendTime = cursor.IsLogAppendTime,
            LeaderEpoch = cursor.LeaderEpoch,
            Key = record.Key.IsNull ? default : keys.Deserialize(record.Key.Span, new(topic, IsKey: true)),
            Value = record.Value.IsNull ? default : values.Deserialize(record.Value.Span, new(topic, IsKey: false)),
            IsTombstone = record.Value.IsNull,
            Headers = new Headers(record.Headers.ToArray()),
        };
    }
}

/// <summary>Records that were decoded.</summary>
/// <param name="Records">The records, in order.</param>
/// <param name="Fault">Why what stands behind them could not be decoded; null when nothing was left.</param>
internal sealed record DecodedRecords<TKey, TValue>(
    IReadOnlyList<ConsumedRecord<TKey, TValue>> Records, KafkaException? Fault);
