namespace Barnabas.Records;

/// <summary>A codec and how hard it tries.</summary>
/// <param name="Codec">The codec.</param>
/// <param name="Level">The codec's own scale (KIP-390): gzip 1 to 9; lz4 1 to 17, where 9 and null mean the
/// fast mode and all else the thorough one, as in Apache Kafka; zstd -131072 to 22. Null for the codec's
/// default; snappy and none have no levels and ignore it.</param>
public readonly record struct Compression(CompressionCodec Codec, int? Level = null)
{
    /// <summary>No compression.</summary>
    public static readonly Compression None;
}
