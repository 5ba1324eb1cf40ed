namespace Barnabas.Server;

/// <summary>The features that clients are told of (KIP-584).</summary>
/// <param name="Supported">The levels this node can work at, by name, in the order they are told.</param>
/// <param name="Finalized">The levels the cluster works at; 0 for one that is off.</param>
/// <param name="FinalizedEpoch">The metadata offset at which <paramref name="Finalized"/> held; -1 when
/// unknown.</param>
public sealed record Features(
    IReadOnlyList<(string Name, VersionRange Levels)> Supported,
    IReadOnlyList<(string Name, short Level)> Finalized,
    long FinalizedEpoch)
{
    /// <summary>None known.</summary>
    public static readonly Features None = new([], [], -1);
}
