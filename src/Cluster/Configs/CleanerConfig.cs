using Names = Barnabas.Cluster.Configs.BrokerConfigNames;

namespace Barnabas.Cluster.Configs;

/// <summary>The compaction of logs: the configs <c>log.cleaner.*</c> that are no defaults of topics.</summary>
public sealed record CleanerConfig
{
    /// <summary><c>log.cleaner.enable</c>.</summary>
    public required bool IsEnabled { get; init; }

    /// <summary><c>log.cleaner.threads</c>: logs compacted at a time.</summary>
    public required int Threads { get; init; }

    /// <summary><c>log.cleaner.dedupe.buffer.size</c>: memory for maps of keys, all together.</summary>
    public required long MapBytes { get; init; }

    /// <summary><c>log.cleaner.io.buffer.load.factor</c>: how full a map may get, of 1.</summary>
    public required double MapLoad { get; init; }

    /// <summary><c>log.cleaner.io.buffer.size</c>: memory for reading and writing, all together.</summary>
    public required int BufferBytes { get; init; }

    /// <summary><c>log.cleaner.io.max.bytes.per.second</c>, read and written, all together.</summary>
    public required double BytesPerSecond { get; init; }

    /// <summary><c>log.cleaner.backoff.ms</c>: the rest when there is nothing to do.</summary>
    public required TimeSpan Backoff { get; init; }

    internal static CleanerConfig From(ConfigValues values) => new()
    {
        IsEnabled = values.Flag(Names.LogCleanerEnable),
        Threads = values.Whole(Names.LogCleanerThreads),
        MapBytes = values.Number(Names.LogCleanerDedupeBufferSize),
        MapLoad = values.Fraction(Names.LogCleanerIoBufferLoadFactor),
        BufferBytes = values.Whole(Names.LogCleanerIoBufferSize),
        BytesPerSecond = values.Fraction(Names.LogCleanerIoMaxBytesPerSecond),
        Backoff = values.Time(Names.LogCleanerBackoffMs),
    };
}
