namespace Barnabas.Records;

/// <summary>What a topic asks of a produced batch, and the moment it arrives.</summary>
public readonly record struct BatchRules
{
    /// <summary>Apache Kafka's defaults.</summary>
    public BatchRules()
    {
    }

    /// <summary>The clock at the arrival, in ms since 1970.</summary>
    public required long NowMs { get; init; }

    /// <summary>The version of the Produce request.</summary>
    public short ProduceVersion { get; init; } = short.MaxValue;

    /// <summary>max.message.bytes: the most bytes of a batch as it arrives, and as it is stored.</summary>
    public int MaxMessageBytes { get; init; } = 1024 * 1024 + RecordBatch.EntryOverhead;

    /// <summary>True when cleanup.policy includes compact: every record then needs a key.</summary>
    public bool KeysAreRequired { get; init; }

    /// <summary>True when message.timestamp.type is LogAppendTime.</summary>
    public bool UsesLogAppendTime { get; init; }

    /// <summary>message.timestamp.before.max.ms: how far a timestamp may lie in the past.</summary>
    public long TimestampBeforeMaxMs { get; init; } = long.MaxValue;

    /// <summary>message.timestamp.after.max.ms: how far a timestamp may lie in the future.</summary>
    public long TimestampAfterMaxMs { get; init; } = 3_600_000;

    /// <summary>compression.type and its level; null for "producer", which keeps what arrives.</summary>
    public Compression? Compression { get; init; }

    /// <summary>The most bytes the records of a batch may decompress to: 16 times
    /// <see cref="MaxMessageBytes"/>.</summary>
    public int MaxDecompressedBytes => (int)Math.Min(16L * MaxMessageBytes, Array.MaxLength);
}
