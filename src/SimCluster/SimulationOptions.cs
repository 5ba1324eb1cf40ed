namespace Barnabas.SimCluster;

/// <summary>What a simulated history of a cluster is made of. Equal options give equal histories.</summary>
public sealed record SimulationOptions
{
    /// <summary>What all chance follows from.</summary>
    public required int Seed { get; init; }

    /// <summary>How many brokers there are; null to let the seed choose 3 to 5.</summary>
    public int? Nodes { get; init; }

    /// <summary>What may go wrong; null to let the seed choose, each kind with the same chance as not.</summary>
    public IReadOnlyList<FaultKind>? Faults { get; init; }

    /// <summary>For how long things go wrong.</summary>
    public TimeSpan FaultTime { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>Told what happens, as it happens, with the age of the world; null for nobody.</summary>
    public Action<TimeSpan, string>? Trace { get; init; }
}
