namespace Barnabas.Keeper;

/// <summary>The children of a node.</summary>
/// <param name="Names">Their names, in no order.</param>
/// <param name="Stat">The numbers of the node.</param>
public readonly record struct NodeChildren(IReadOnlyList<string> Names, NodeStat Stat);
