namespace Barnabas.Records;

/// <summary>The attribute bits of a v2 batch: 0-2 codec, 3 timestamp type, 4 transactional, 5 control, 6
/// delete horizon.</summary>
/// <param name="Bits">The bits as they stand in the header.</param>
public readonly record struct BatchAttributes(short Bits)
{
    internal const int CodecBits = 0x07;
    internal const int LogAppendTimeBit = 0x08;
    internal const int TransactionalBit = 0x10;
    internal const int ControlBit = 0x20;
    internal const int DeleteHorizonBit = 0x40;

    /// <summary>The codec of the records; 5 to 7 name none.</summary>
    public CompressionCodec Codec => (CompressionCodec)(Bits & CodecBits);

    /// <summary>True when the broker's clock at the append stands for all timestamps.</summary>
    public bool IsLogAppendTime => (Bits & LogAppendTimeBit) != 0;

    /// <summary>True for a batch of a transaction.</summary>
    public bool IsTransactional => (Bits & TransactionalBit) != 0;

    /// <summary>True for markers and KRaft control records, which no application sees.</summary>
    public bool IsControl => (Bits & ControlBit) != 0;

    /// <summary>True when the base timestamp is a delete horizon (KIP-534).</summary>
    public bool HasDeleteHorizon => (Bits & DeleteHorizonBit) != 0;

    /// <summary>True when a bit without a meaning is set.</summary>
    public bool HasUnknownBits => (Bits & ~0x7F) != 0;
}

/// <summary>How the records of a batch are compressed.</summary>
public enum CompressionCodec
{
    /// <summary>Not at all.</summary>
    None = 0,

    /// <summary>RFC 1952.</summary>
    Gzip = 1,

    /// <summary>Snappy in xerial framing.</summary>
    Snappy = 2,

    /// <summary>LZ4 frames.</summary>
    Lz4 = 3,

    /// <summary>Zstandard frames.</summary>
    Zstd = 4,
}
