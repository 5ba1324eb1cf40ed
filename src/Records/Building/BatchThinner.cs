using System.Buffers.Binary;
using Barnabas.Base;

namespace Barnabas.Records;

/// <summary>Writes v2 batches anew with some of their records: what compaction makes of them. For one thread at a
/// time.</summary>
/// <remarks>Offsets, sequence numbers and the last offset stay those of the whole batch, so that a producer's state can
/// be read from what is left of it. A batch is compressed by the codec it had, at the codec's own level.</remarks>
public sealed class BatchThinner : IDisposable
{
    private readonly PooledWriter _plain = new(4096);
    private readonly List<Kept> _kept = [];
    private PooledWriter? _compressed;
    private long _maxTimestamp;

    /// <summary>How many records are kept of the batch at hand.</summary>
    public int Count => _kept.Count;

    /// <summary>Forgets the batch before.</summary>
    public void Clear() => _kept.Clear();

    /// <summary>Keeps the record that was read last.</summary>
    public void Keep(in RecordReader reader, in Record record)
    {
        _maxTimestamp = Count == 0 ? record.Timestamp : Math.Max(_maxTimestamp, record.Timestamp);
        _kept.Add(new(reader.Start, reader.End));
    }

    /// <summary>The batch with the records kept, of which there is at least one.</summary>
    /// <param name="batch">The batch as it was.</param>
    /// <param name="records">Its records, decompressed.</param>
    /// <param name="deleteHorizon">The moment from which tombstones and markers of the batch may go, in ms, to stand in
    /// the place of the base timestamp (KIP-534); null to leave that as it is.</param>
    /// <returns>The new batch; good until the next call. Its codec is available, since it was decompressed.</returns>
    public ReadOnlySpan<byte> Build(ReadOnlySpan<byte> batch, ReadOnlySpan<byte> records, long? deleteHorizon)
    {
        Invariant.Holds(Count > 0, "a batch without records is an empty one");
        var header = new RecordBatch(batch);
        var (attributes, baseTimestamp) = (header.Attributes, deleteHorizon ?? header.BaseTimestamp);
        _plain.Clear();
        Append(_plain, batch[..RecordBatch.HeaderSize]);
        foreach (var kept in _kept)
        {
            var record = records[kept.Start..kept.End];
            if (baseTimestamp == header.BaseTimestamp || attributes.IsLogAppendTime)
                Append(_plain, record);
            else
                AppendShifted(record, unchecked(header.BaseTimestamp - baseTimestamp));
        }

        var built = attributes.Codec == CompressionCodec.None ? _plain : Compress(attributes.Codec);
        var bytes = built.Written;
        if (deleteHorizon is not null)
        {
            var bits = (short)(attributes.Bits | BatchAttributes.DeleteHorizonBit);
            BinaryPrimitives.WriteInt16BigEndian(bytes[BatchHeader.Attributes..], bits);
        }

        BinaryPrimitives.WriteInt64BigEndian(bytes[BatchHeader.BaseTimestamp..], baseTimestamp);
        if (!attributes.IsLogAppendTime)
            BinaryPrimitives.WriteInt64BigEndian(bytes[BatchHeader.MaxTimestamp..], _maxTimestamp);
        BinaryPrimitives.WriteInt32BigEndian(bytes[BatchHeader.RecordCount..], Count);
        BatchHeader.Seal(bytes);
        return bytes;
    }

    /// <summary>The batch without a record: all that is left to know its producer by, and where it ended.</summary>
    /// <returns>The new batch; good until the next call.</returns>
    public ReadOnlySpan<byte> Empty(ReadOnlySpan<byte> batch)
    {
        const int Kept = BatchAttributes.LogAppendTimeBit | BatchAttributes.TransactionalBit
            | BatchAttributes.ControlBit;
        var header = new RecordBatch(batch);
        _plain.Clear();
        Append(_plain, batch[..RecordBatch.HeaderSize]);
        var bytes = _plain.Written;
        BinaryPrimitives.WriteInt16BigEndian(
            bytes[BatchHeader.Attributes..], (short)(header.Attributes.Bits & Kept));
        BinaryPrimitives.WriteInt64BigEndian(bytes[BatchHeader.BaseTimestamp..], -1);
        BinaryPrimitives.WriteInt32BigEndian(bytes[BatchHeader.RecordCount..], 0);
        BatchHeader.Seal(bytes);
        return bytes;
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        _plain.Dispose();
        _compressed?.Dispose();
        _compressed = null;
    }

    private static void Append(PooledWriter writer, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(writer.GetSpan(bytes.Length));
        writer.Advance(bytes.Length);
    }

    /// <summary>Appends a record whose timestamp counts from another base.</summary>
    private void AppendShifted(ReadOnlySpan<byte> record, long shift)
    {
        var at = 0;
        var isRecord = Varint.TryRead(record, ref at, out _);
        var attributes = record[at++];
        isRecord &= Varint.TryReadLong(record, ref at, out var delta);
        Invariant.Holds(isRecord, "a record that was read can be read again");
        delta = unchecked(delta + shift);
        var rest = record[at..];
        var length = 1 + Varint.SizeOf(delta) + rest.Length;
        var room = _plain.GetSpan(length + Varint.MaxSize);
        var written = Varint.Write(room, length);
        room[written++] = attributes;
        written += Varint.Write(room[written..], delta);
        rest.CopyTo(room[written..]);
        _plain.Advance(written + rest.Length);
    }

    private PooledWriter Compress(CompressionCodec codec)
    {
        _compressed ??= new(_plain.Length);
        _compressed.Clear();
        Append(_compressed, _plain.Written[..RecordBatch.HeaderSize]);
        var outcome = Codecs.Compress(new Compression(codec), _plain.Written[RecordBatch.HeaderSize..], _compressed);
        Invariant.Holds(outcome == CodecOutcome.Done, "what could be decompressed can be compressed");
        return _compressed;
    }

    private readonly record struct Kept(int Start, int End);
}
