namespace Barnabas.Keeper;

/// <summary>Who may do what with a node.</summary>
/// <param name="Entries">One entry an identity.</param>
/// <param name="Stat">The numbers of the node.</param>
public readonly record struct NodeAcl(IReadOnlyList<KeeperAcl> Entries, NodeStat Stat);
