namespace Barnabas.SimCluster;

/// <summary>What became of a simulated history.</summary>
public sealed record SimulationReport
{
    /// <summary>What it followed from.</summary>
    public required int Seed { get; init; }

    /// <summary>How many brokers there were.</summary>
    public required int Nodes { get; init; }

    /// <summary>What could go wrong, in the order of <see cref="FaultKinds.All"/>.</summary>
    public required IReadOnlyList<FaultKind> Faults { get; init; }

    /// <summary>How often each thing went wrong.</summary>
    public required IReadOnlyDictionary<FaultKind, int> Injected { get; init; }

    /// <summary>Whether partitions with several replicas were durable by fsync, not by replication alone.</summary>
    public required bool IsSynced { get; init; }

    /// <summary>The steps of the world.</summary>
    public required long Steps { get; init; }

    /// <summary>How long it lasted, by the world's clock.</summary>
    public required TimeSpan Age { get; init; }

    /// <summary>A digest of every step: two runs agree on it exactly when they took the same steps.</summary>
    public required ulong Digest { get; init; }

    /// <summary>The records that were acknowledged.</summary>
    public required long Acknowledged { get; init; }

    /// <summary>The transactions whose end was acknowledged.</summary>
    public required long Transactions { get; init; }

    /// <summary>The commits of group members that were acknowledged.</summary>
    public required long Commits { get; init; }

    /// <summary>What happened that does not happen in every history, and how often.</summary>
    public required IReadOnlyDictionary<string, int> Marks { get; init; }

    /// <summary>What was promised and did not hold; null where all did.</summary>
    public string? Violation { get; init; }
}
