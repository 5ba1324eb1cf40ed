using Barnabas.Wire;

namespace Barnabas.Keeper;

/// <summary>How one operation of a multi ended.</summary>
/// <param name="Error">How it ended: the one that failed says why, those after it
/// <see cref="KeeperError.RuntimeInconsistency"/>, and those before it none, though none of all was done.</param>
/// <param name="Path">The path of a node that was made; else empty.</param>
/// <param name="Stat">The numbers of a node that was written, or made with them; else the default.</param>
public readonly record struct ChangeResult(KeeperError Error, string Path, NodeStat Stat)
{
    /// <summary>Reads the result of an operation from the answer to a multi.</summary>
    internal static ChangeResult Read(KeeperOp operation, ref JuteReader r)
    {
        switch (operation)
        {
            case KeeperOp.Create:
                return new(KeeperError.None, r.ReadString(), default);
            case KeeperOp.Create2 or KeeperOp.CreateContainer or KeeperOp.CreateTtl:
                var path = r.ReadString();
                return new(KeeperError.None, path, NodeStat.Read(ref r));
            case KeeperOp.SetData:
                return new(KeeperError.None, "", NodeStat.Read(ref r));
            case KeeperOp.Delete or KeeperOp.Check:
                return new(KeeperError.None, "", default);
            case KeeperOp.Error:
                return new((KeeperError)r.ReadInt32(), "", default);
            default:
                throw new MalformedFrameException($"operation {operation} is no result of a multi");
        }
    }
}
