namespace Barnabas.Bench;

/// <summary>How a load fetches.</summary>
public sealed record FetchSettings
{
    /// <summary>How many connections.</summary>
    public int Connections { get; init; } = 1;

    /// <summary>The most bytes of an answer.</summary>
    public int MaxBytes { get; init; } = 50 << 20;

    /// <summary>The most bytes of a partition in an answer.</summary>
    public int PartitionBytes { get; init; } = 1 << 20;

    /// <summary>The fewest bytes worth an answer before <see cref="MaxWait"/>.</summary>
    public int MinBytes { get; init; } = 1;

    /// <summary>How long the broker may wait for <see cref="MinBytes"/>.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>True to have the broker keep a fetch session for each connection (KIP-227).</summary>
    public bool HasSession { get; init; } = true;

    /// <summary>True to hold each batch against its checksum and read its records.</summary>
    public bool Checks { get; init; }

    /// <summary>True to begin again where the log ended as the run began, so that the run lasts as long as it
    /// is to.</summary>
    public bool Repeats { get; init; } = true;

    /// <summary>The most bytes of batches to fetch; null for no limit but the run's end.</summary>
    public long? Bytes { get; init; }

    /// <summary>How long an answer may take.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);
}
