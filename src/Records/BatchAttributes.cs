namespace Barnabas.Records;

/// <summary>The attribute bits of a v2 batch: 0-2 codec, 3 timestamp type, 4 transactional, 5 control, 6 delete horizon.</summary>
/// <param name="Bits">The bits as they stand in the header.</param>
public readonly record struct BatchAttributes(short Bits)
{
    /// <summary>The codec of the records.</summary>
    public CompressionCodec Codec => (CompressionCodec)(Bits & 0x07);

    /// <summary>True when the broker's clock at the append stands for all timestamps.</summary>
    public bool IsLogAppendTime => (Bits & 0x08) != 0;

    /// <summary>True for a batch of a transaction.</summary>
    public bool IsTransactional => (Bits & 0x10) != 0;

    /// <summary>True for markers and KRaft control records, which no application sees.</summary>
    public bool IsControl => (Bits & 0x20) != 0;

    /// <summary>True when the base timestamp is a delete horizon (KIP-534).</summary>
    public bool HasDeleteHorizon => (Bits & 0x40) != 0;
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
