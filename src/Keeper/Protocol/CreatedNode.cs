namespace Barnabas.Keeper;

/// <summary>A node that was made.</summary>
/// <param name="Path">Its path, with the number ZooKeeper gave it.</param>
/// <param name="Stat">Its numbers.</param>
public readonly record struct CreatedNode(string Path, NodeStat Stat);
