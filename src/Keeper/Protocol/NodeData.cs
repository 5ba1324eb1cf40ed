namespace Barnabas.Keeper;

/// <summary>A node that was read.</summary>
/// <param name="Data">What it holds.</param>
/// <param name="Stat">Its numbers.</param>
public readonly record struct NodeData(ReadOnlyMemory<byte> Data, NodeStat Stat);
