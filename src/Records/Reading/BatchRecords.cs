namespace Barnabas.Records;

/// <summary>The records of a batch, decompressed where they need to be. Disposing gives the memory
/// back.</summary>
public readonly ref struct BatchRecords : IDisposable
{
    private readonly ReadOnlySpan<byte> _batch;
    private readonly PooledBytes? _decompressed;

    private BatchRecords(ReadOnlySpan<byte> batch, PooledBytes? decompressed)
    {
        _batch = batch;
        _decompressed = decompressed;
    }

    /// <summary>The records as bytes, one after the other.</summary>
    public ReadOnlySpan<byte> Area =>
        _decompressed is null ? _batch[RecordBatch.HeaderSize..] : _decompressed.Span;

    /// <summary>Opens the records of a v2 batch.</summary>
    /// <param name="batch">The whole batch and nothing else: at least a header, at most
    /// <see cref="RecordBatch.Size"/>.</param>
    /// <param name="limit">The most bytes the records may decompress to.</param>
    /// <param name="records">The records, for the caller to dispose; empty unless done.</param>
    public static CodecOutcome Open(
        ReadOnlySpan<byte> batch, int limit, out BatchRecords records)
    {
        var header = new RecordBatch(batch);
        records = default;
        if (header.Attributes.Codec == CompressionCodec.None || batch.Length == RecordBatch.HeaderSize)
        {
            records = new(batch, null);
            return CodecOutcome.Done;
        }
        var outcome = Codecs.Decompress(
            header.Attributes.Codec, batch[RecordBatch.HeaderSize..], limit, out var decompressed);
        if (outcome == CodecOutcome.Done)
            records = new(batch, decompressed);
        return outcome;
    }

    /// <summary>Reads from the first record.</summary>
    public RecordReader Read() => new(Area, new RecordBatch(_batch));

    /// <summary>Gives the memory back.</summary>
    public void Dispose() => _decompressed?.Dispose();
}
