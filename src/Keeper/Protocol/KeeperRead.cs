namespace Barnabas.Keeper;

/// <summary>One of the reads of a multiRead.</summary>
/// <param name="Path">The node.</param>
/// <param name="Children">True for its children, false for what it holds.</param>
public readonly record struct KeeperRead(string Path, bool Children)
{
    internal KeeperOp Operation => Children ? KeeperOp.GetChildren : KeeperOp.GetData;
}
