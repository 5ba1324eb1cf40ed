namespace Barnabas.Tests.Checker;

/// <summary>All that clients did to a cluster, and what they heard of it.</summary>
/// <param name="Operations">The operations, by the time of their begin.</param>
public sealed record History(IReadOnlyList<Operation> Operations)
{
    /// <summary>True when at the end, after all faults, everything was read that is there.</summary>
    public bool IsReadToTheEnd { get; init; }
}
