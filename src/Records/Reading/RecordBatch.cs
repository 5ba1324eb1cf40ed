using System.Buffers.Binary;
using Barnabas.Base;

namespace Barnabas.Records;

/// <summary>The header of a batch of format v2, read in place: no field is copied until it is asked
/// for.</summary>
/// <remarks>Source: KIP-98; the layout stands in docs/design/records.md. The view claims nothing about
/// validity: that is <c>BatchValidator</c>'s. Bytes 0-11 and the leader epoch lie outside the CRC, so that a
/// leader may set them.</remarks>
public readonly ref struct RecordBatch
{
    /// <summary>Bytes before the records of a v2 batch.</summary>
    public const int HeaderSize = 61;

    /// <summary>Bytes every format begins with: base offset and length.</summary>
    public const int EntryOverhead = 12;

    /// <summary>Where the magic byte stands, in every format.</summary>
    public const int MagicPosition = 16;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>A view over <paramref name="bytes"/>, at least <see cref="HeaderSize"/> of them; more may
    /// follow.</summary>
    public RecordBatch(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes.Length, HeaderSize);
        _bytes = bytes;
    }

    /// <summary>The offset of the first record the batch had when it was written.</summary>
    public Offset BaseOffset => new(BinaryPrimitives.ReadInt64BigEndian(_bytes));

    /// <summary>The bytes of the whole batch, this header included; negative or small where the length field
    /// lies.</summary>
    public int Size => unchecked(BinaryPrimitives.ReadInt32BigEndian(_bytes[8..]) + EntryOverhead);

    /// <summary>The epoch of the leader that appended the batch; -1 from producers.</summary>
    public LeaderEpoch LeaderEpoch => new(BinaryPrimitives.ReadInt32BigEndian(_bytes[12..]));

    /// <summary>The format: 2.</summary>
    public sbyte Magic => (sbyte)_bytes[MagicPosition];

    /// <summary>CRC-32C of everything from the attributes on.</summary>
    public uint Crc => BinaryPrimitives.ReadUInt32BigEndian(_bytes[17..]);

    /// <summary>Codec, timestamp type and flags.</summary>
    public BatchAttributes Attributes => new(BinaryPrimitives.ReadInt16BigEndian(_bytes[21..]));

    /// <summary>The last record's offset less <see cref="BaseOffset"/>; kept when compaction removes that
    /// record.</summary>
    public int LastOffsetDelta => BinaryPrimitives.ReadInt32BigEndian(_bytes[23..]);

    /// <summary>The offset of the last record.</summary>
    public Offset LastOffset => new(unchecked(BaseOffset.Value + LastOffsetDelta));

    /// <summary>The offset after the last record.</summary>
    public Offset NextOffset => new(unchecked(BaseOffset.Value + LastOffsetDelta + 1));

    /// <summary>What timestamp deltas refer to, in ms; the delete horizon where
    /// <see cref="BatchAttributes.HasDeleteHorizon"/>.</summary>
    public long BaseTimestamp => BinaryPrimitives.ReadInt64BigEndian(_bytes[27..]);

    /// <summary>The largest timestamp, in ms; with log append time that of every record.</summary>
    public long MaxTimestamp => BinaryPrimitives.ReadInt64BigEndian(_bytes[35..]);

    /// <summary>The idempotent producer, or none.</summary>
    public ProducerId ProducerId => new(BinaryPrimitives.ReadInt64BigEndian(_bytes[43..]));

    /// <summary>The producer's epoch; -1 for none.</summary>
    public short ProducerEpoch => BinaryPrimitives.ReadInt16BigEndian(_bytes[51..]);

    /// <summary>The sequence number of the first record; -1 for none.</summary>
    public int BaseSequence => BinaryPrimitives.ReadInt32BigEndian(_bytes[53..]);

    /// <summary>The sequence number of the last record: it wraps from 2^31-1 to 0; -1 for none.</summary>
    public int LastSequence =>
        BaseSequence < 0 ? -1 : (int)(((long)BaseSequence + LastOffsetDelta) & int.MaxValue);

    /// <summary>How many records there are; 0 where compaction kept only the producer's state.</summary>
    public int RecordCount => BinaryPrimitives.ReadInt32BigEndian(_bytes[57..]);

    /// <summary>Sets the fields a leader assigns: neither is covered by the CRC.</summary>
    public static void Assign(Span<byte> batch, Offset baseOffset, LeaderEpoch epoch)
    {
        BinaryPrimitives.WriteInt64BigEndian(batch, baseOffset.Value);
        BinaryPrimitives.WriteInt32BigEndian(batch[12..], epoch.Value);
    }
}
