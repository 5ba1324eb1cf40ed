using System.Runtime.CompilerServices;

namespace Barnabas.Client;

/// <summary>A member of a group: it reads the partitions that the group gives it. For one reading at a time.</summary>
/// <remarks>Nothing is lost: a record counts as handled when the next one is asked for, and only what is handled is
/// committed. After a crash a record may come again.</remarks>
/// <typeparam name="TKey">The keys.</typeparam>
/// <typeparam name="TValue">The values.</typeparam>
public sealed class Consumer<TKey, TValue> : IAsyncDisposable
{
    private readonly RawConsumer _raw;
    private readonly RecordDecoder<TKey, TValue> _decoder;

    internal Consumer(RawConsumer raw, IDeserializer<TKey> keys, IDeserializer<TValue> values) =>
        (_raw, _decoder) = (raw, new(keys, values));

    /// <summary>The member as it reads bytes: its assignment, positions, pauses.</summary>
    public RawConsumer Member => _raw;

    /// <summary>Joins the group, and gives the records of the partitions it has, each partition's in order.</summary>
    /// <param name="stop">Ends the reading, but not the membership: the reading may go on later.</param>
    /// <exception cref="KafkaException">The group will not have the member, or a record cannot be read.</exception>
    public async IAsyncEnumerable<ConsumedRecord<TKey, TValue>> ReadAllAsync(
        [EnumeratorCancellation] CancellationToken stop = default)
    {
        _raw.Begin();
        try
        {
            while (true)
            {
                var piece = await _raw.NextAsync(stop);
                if (piece.Decoded is not DecodedRecords<TKey, TValue> decoded)
                {
                    piece.Decoded = decoded = _decoder.Decode(piece.Records);
                    piece.Dispose();
                }

                while (piece.Given < decoded.Records.Count && !_raw.WantsAttention)
                {
                    var record = decoded.Records[piece.Given++];
                    (piece.Yielded, piece.Epoch) = (record.Offset + 1, record.LeaderEpoch);
                    yield return record;
                    piece.Handled = piece.Yielded;
                }

                if (piece.Given < decoded.Records.Count)
                    continue;
                // What stands before a damaged record is still the application's.
                if (decoded.Fault is { } fault)
                    throw fault;
                piece.IsFinished = true;
                piece.Handled = piece.Records.Next;
            }
        }
        finally
        {
            _raw.End();
        }
    }

    /// <summary>Commits all records that were yielded, the last one too.</summary>
    /// <exception cref="KafkaException">The coordinator refuses, for the partitions are others' by now, say; or did not
    /// answer.</exception>
    public Task CommitAsync(CancellationToken stop = default) => _raw.CommitAsync(stop);

    /// <inheritdoc cref="RawConsumer.RewindAsync"/>
    public Task RewindAsync(CancellationToken stop = default) => _raw.RewindAsync(stop);

    /// <summary>Commits what the application is done with, and leaves the group; a static member only stays
    /// away.</summary>
    public ValueTask DisposeAsync() => _raw.DisposeAsync();
}
