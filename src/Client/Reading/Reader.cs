using System.Runtime.CompilerServices;

namespace Barnabas.Client;

/// <summary>Reads partitions without a group. For one reading at a time.</summary>
/// <typeparam name="TKey">The keys.</typeparam>
/// <typeparam name="TValue">The values.</typeparam>
public sealed class Reader<TKey, TValue> : IAsyncDisposable
{
    private readonly RawReader _raw;
    private readonly RecordDecoder<TKey, TValue> _decoder;

    internal Reader(RawReader raw, IDeserializer<TKey> keys, IDeserializer<TValue> values) =>
        (_raw, _decoder) = (raw, new(keys, values));

    /// <summary>The partitions' records as they come, each partition's in order.</summary>
    /// <param name="until">Where to end, in every partition; null to go on for ever.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <exception cref="KafkaException">A partition or a record cannot be read.</exception>
    public async IAsyncEnumerable<ConsumedRecord<TKey, TValue>> ReadAllAsync(
        OffsetSpec? until = null, [EnumeratorCancellation] CancellationToken stop = default)
    {
        await foreach (var fetched in _raw.ReadAllAsync(until, stop))
        {
            var (records, fault) = _decoder.Decode(fetched);
            foreach (var record in records)
                yield return record;
            // What stands before a damaged record is still the application's.
            if (fault is not null)
                throw fault;
        }
    }

    /// <summary>Stops fetching and closes the reader's connections.</summary>
    public ValueTask DisposeAsync() => _raw.DisposeAsync();
}
