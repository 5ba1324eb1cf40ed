namespace Barnabas.Keeper;

/// <summary>What a watch that stays tells of.</summary>
public enum WatchScope
{
    /// <summary>The node, what it holds and which children it has.</summary>
    Node = 0,

    /// <summary>The node and all below it, but not which children they have: children tell of themselves.</summary>
    Tree = 1,
}
