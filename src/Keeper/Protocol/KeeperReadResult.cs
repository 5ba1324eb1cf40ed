using Barnabas.Wire;

namespace Barnabas.Keeper;

/// <summary>How one read of a multiRead ended.</summary>
/// <param name="Error">How it ended.</param>
/// <param name="Data">What the node holds, where that was asked.</param>
/// <param name="Children">Its children, where those were asked.</param>
public readonly record struct KeeperReadResult(KeeperError Error, NodeData Data, IReadOnlyList<string> Children)
{
    /// <summary>Reads the result of an operation from the answer to a multiRead.</summary>
    internal static KeeperReadResult Read(KeeperOp operation, ref JuteReader r)
    {
        switch (operation)
        {
            case KeeperOp.GetData:
                var data = r.ReadBytes();
                return new(KeeperError.None, new NodeData(data, NodeStat.Read(ref r)), []);
            case KeeperOp.GetChildren:
                return new(KeeperError.None, default, r.ReadStrings());
            case KeeperOp.Error:
                return new((KeeperError)r.ReadInt32(), default, []);
            default:
                throw new MalformedFrameException($"operation {operation} is no result of a multiRead");
        }
    }
}
