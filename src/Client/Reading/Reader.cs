using System.Runtime.CompilerServices;

namespace Barnabas.Client;

/// <summary>Reads partitions without a group. For one reading at a time.</summary>
/// <typeparam name="TKey">The keys.</typeparam>
/// <typeparam name="TValue">The values.</typeparam>
public sealed class Reader<TKey, TValue> : IAsyncDisposable
{
    private readonly RawReader _raw;
    private readonly IDeserializer<TKey> _keys;
    private readonly IDeserializer<TValue> _values;

    internal Reader(RawReader raw, IDeserializer<TKey> keys, IDeserializer<TValue> values) =>
        (_raw, _keys, _values) = (raw, keys, values);

    /// <summary>The partitions' records as they come, each partition's in order.</summary>
    /// <param name="until">Where to end, in every partition; null to go on for ever.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <exception cref="KafkaException">A partition or a record cannot be read.</exception>
    public async IAsyncEnumerable<ConsumedRecord<TKey, TValue>> ReadAllAsync(
        OffsetSpec? until = null, [EnumeratorCancellation] CancellationToken stop = default)
    {
        var decoded = new List<ConsumedRecord<TKey, TValue>>();
        await foreach (var fetched in _raw.ReadAllAsync(until, stop))
        {
            var fault = Decode(fetched, decoded);
            foreach (var record in decoded)
                yield return record;
            decoded.Clear();
            // What stands before a damaged record is still the application's.
            if (fault is not null)
                throw fault;
        }
    }

    /// <summary>Stops fetching and closes the reader's connections.</summary>
    public ValueTask DisposeAsync() => _raw.DisposeAsync();

    private KafkaException? Decode(FetchedRecords fetched, List<ConsumedRecord<TKey, TValue>> into)
    {
        using var cursor = fetched.GetEnumerator();
        try
        {
            while (cursor.MoveNext())
                into.Add(Decode(fetched, cursor));
            return null;
        }
        catch (KafkaException fault)
        {
            return fault;
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
            Key = record.Key.IsNull ? default : _keys.Deserialize(record.Key.Span, new(topic, IsKey: true)),
            Value = record.Value.IsNull ? default : _values.Deserialize(record.Value.Span, new(topic, IsKey: false)),
            IsTombstone = record.Value.IsNull,
            Headers = new Headers(record.Headers.ToArray()),
        };
    }
}
