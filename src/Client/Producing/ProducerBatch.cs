using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Client;

/// <summary>A batch on its way: records are written into the very bytes that will be sent.</summary>
/// <remarks>While open it is guarded by its partition's gate; closed, it belongs to the client's lane. Its memory goes
/// back to the pool when no request holds it any more, not when its fate is known (KAFKA-19012).</remarks>
/// <param name="capacity">Bytes to begin with.</param>
/// <param name="now">When its first record comes, as a timestamp of the host's clock.</param>
/// <param name="fate">Who waits for it.</param>
internal sealed class ProducerBatch(int capacity, long now, BatchFate fate) : IDisposable
{
    private readonly BatchBuilder _records = new(capacity);
    private Compression _compression;
    private volatile bool _isBuilt;
    private bool _isClosed;

    /// <summary>Who waits for it.</summary>
    public BatchFate Fate { get; } = fate;

    /// <summary>When its first record came, as a timestamp of the host's clock.</summary>
    public long Created { get; } = now;

    /// <summary>True for a batch of a transaction.</summary>
    public bool IsTransactional { get; init; }

    /// <summary>How many records it has.</summary>
    public int Count => _records.Count;

    /// <summary>Its bytes before compression, the header included.</summary>
    public int Size => _records.Size;

    /// <summary>The bytes held against the producer's buffer memory.</summary>
    public long Accounted { get; set; }

    /// <summary>True when the batch may be sealed: it is closed, and compressed if it is to be. Any thread.</summary>
    public bool IsSealable => _isClosed && (_isBuilt || _compression.Codec == CompressionCodec.None);

    /// <summary>How often it has been sent.</summary>
    public int Attempts { get; set; }

    /// <summary>When it may be sent again, as a timestamp of the host's clock.</summary>
    public long NotBefore { get; set; }

    /// <summary>True once an attempt ended in a way that leaves open whether the records are in the log.</summary>
    public bool MayHaveBeenApplied { get; set; }

    /// <summary>The last error; none before the first.</summary>
    public ErrorCode LastError { get; set; }

    /// <summary>The first record's sequence number; -1 as long as none is given.</summary>
    public int BaseSequence { get; private set; } = -1;

    /// <summary>The bytes to send, once sealed; valid until <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> Bytes { get; private set; }

    /// <summary>Appends a record, unless the batch would exceed <paramref name="maxSize"/> then.</summary>
    public bool TryAppend(
        int maxSize, long timestamp, NullableBytes key, NullableBytes value, ReadOnlySpan<RecordHeader> headers) =>
        _records.TryAppend(maxSize, timestamp, key, value, headers);

    /// <summary>No record comes any more: begins to compress, off every lane.</summary>
    /// <param name="compression">How.</param>
    /// <param name="lanes">Where.</param>
    /// <param name="compressed">Called from there when it is done.</param>
    public void Close(Compression compression, ILaneFactory lanes, Action compressed)
    {
        (_compression, _isClosed) = (compression, true);
        if (compression.Codec == CompressionCodec.None)
            return;
        _ = lanes.RunBlockingAsync(() =>
        {
            Build();
            compressed();
            return true;
        });
    }

    /// <summary>No record comes any more: compresses in place.</summary>
    public void CloseNow(Compression compression)
    {
        (_compression, _isClosed) = (compression, true);
        Build();
    }

    /// <summary>Gives the batch its identity: its bytes are then ready to be sent.</summary>
    public void Seal(ProducerId id, short epoch, int sequence)
    {
        Invariant.Holds(IsSealable, "a batch is sealed once it is closed and compressed");
        if (!_isBuilt)
            Build();
        Bytes = _records.Identify(id, epoch, sequence);
        BaseSequence = sequence;
    }

    /// <summary>Two batches with the records of this one, whose fates make up this one's.</summary>
    public (ProducerBatch First, ProducerBatch Second) Split()
    {
        var half = Count / 2;
        var (firstFate, secondFate) = Fate.Split(half);
        var first = new ProducerBatch(Size, Created, firstFate) { IsTransactional = IsTransactional };
        var second = new ProducerBatch(Size, Created, secondFate) { IsTransactional = IsTransactional };
        var plain = _records.Build(new BatchOptions());
        var reader = new RecordReader(plain.Span[RecordBatch.HeaderSize..], new RecordBatch(plain.Span));
        for (var i = 0; reader.TryRead(out var record); i++)
        {
            var into = i < half ? first : second;
            into.TryAppend(int.MaxValue, record.Timestamp, record.Key, record.Value, record.Headers.ToArray());
        }

        Invariant.Holds(first.Count == half && second.Count == Count - half, "a split batch keeps its records");
        return (first, second);
    }

    /// <inheritdoc/>
    public void Dispose() => _records.Dispose();

    private void Build()
    {
        _records.Build(new BatchOptions { Compression = _compression, IsTransactional = IsTransactional });
        _isBuilt = true;
    }
}
