namespace Barnabas.Client;

/// <summary>How a reader fetches.</summary>
public sealed record ReaderOptions
{
    internal static readonly PropertyTable<ReaderOptions> Table = new(
        new Dictionary<string, Func<ReaderOptions, string, ReaderOptions>>(StringComparer.Ordinal)
        {
            ["fetch.min.bytes"] = (o, v) => o with { MinBytes = PropertyValue.Int(v) },
            ["fetch.max.bytes"] = (o, v) => o with { MaxBytes = PropertyValue.Int(v) },
            ["fetch.max.wait.ms"] = (o, v) => o with { MaxWait = PropertyValue.Milliseconds(v) },
            ["fetch.wait.max.ms"] = (o, v) => o with { MaxWait = PropertyValue.Milliseconds(v) },
            ["max.partition.fetch.bytes"] = (o, v) => o with { PartitionMaxBytes = PropertyValue.Int(v) },
            ["isolation.level"] = (o, v) => o with { Isolation = ParseIsolation(v) },
            ["check.crcs"] = (o, v) => o with { CheckCrcs = PropertyValue.Bool(v) },
            ["auto.offset.reset"] = (o, v) => o with { OffsetReset = ParseReset(v) },
        });

    /// <summary>The fewest bytes worth an answer before <see cref="MaxWait"/> is over.</summary>
    public int MinBytes { get; init; } = 1;

    /// <summary>The most bytes of one answer; a first batch that is larger comes all the same.</summary>
    public int MaxBytes { get; init; } = 50 * 1024 * 1024;

    /// <summary>The most bytes of one partition in one answer; a first batch that is larger comes all the
    /// same.</summary>
    public int PartitionMaxBytes { get; init; } = 1024 * 1024;

    /// <summary>How long the broker may wait for <see cref="MinBytes"/>.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How many bytes may be fetched ahead of the application.</summary>
    public long BufferMemory { get; init; } = 16 * 1024 * 1024;

    /// <summary>Which records of transactions are seen.</summary>
    public IsolationLevel Isolation { get; init; } = IsolationLevel.ReadCommitted;

    /// <summary>Whether the checksum of every batch is checked.</summary>
    public bool CheckCrcs { get; init; } = true;

    /// <summary>Where to go on when an offset lies outside the log; null to throw.</summary>
    public OffsetReset? OffsetReset { get; init; } = Barnabas.Client.OffsetReset.Earliest;

    /// <summary>The most bytes a batch may have decompressed: what would be larger is taken for an attack.</summary>
    public int MaxDecompressedBatch { get; init; } = 256 * 1024 * 1024;

    /// <summary>Options from properties by their Java names; names that are not known are left for others.</summary>
    /// <exception cref="KafkaException">A value is none.</exception>
    public static ReaderOptions FromProperties(IEnumerable<KeyValuePair<string, string>> properties) =>
        Table.Apply(new(), properties);

    /// <summary>These options and the properties on top.</summary>
    /// <exception cref="KafkaException">A value is none.</exception>
    public ReaderOptions With(IEnumerable<KeyValuePair<string, string>> properties) => Table.Apply(this, properties);

    private static IsolationLevel ParseIsolation(string text) => text.ToUpperInvariant() switch
    {
        "READ_COMMITTED" => IsolationLevel.ReadCommitted,
        "READ_UNCOMMITTED" => IsolationLevel.ReadUncommitted,
        _ => throw new FormatException(),
    };

    private static OffsetReset? ParseReset(string text) => text.ToUpperInvariant() switch
    {
        "EARLIEST" or "SMALLEST" or "BEGINNING" => Barnabas.Client.OffsetReset.Earliest,
        "LATEST" or "LARGEST" or "END" => Barnabas.Client.OffsetReset.Latest,
        "NONE" or "ERROR" => null,
        _ => throw new FormatException(),
    };
}
