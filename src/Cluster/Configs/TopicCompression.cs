namespace Barnabas.Cluster.Configs;

/// <summary>The codec a topic's batches are stored with: the values of <c>compression.type</c>.</summary>
public enum TopicCompression
{
    /// <summary>Whatever the producer chose.</summary>
    Producer,

    /// <summary>None.</summary>
    Uncompressed,

    /// <summary>gzip.</summary>
    Gzip,

    /// <summary>snappy.</summary>
    Snappy,

    /// <summary>lz4.</summary>
    Lz4,

    /// <summary>zstd.</summary>
    Zstd,
}
