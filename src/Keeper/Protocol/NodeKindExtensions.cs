namespace Barnabas.Keeper;

/// <summary>What <see cref="NodeKind"/> says of a node.</summary>
public static class NodeKindExtensions
{
    /// <summary>True when the node goes with the session.</summary>
    public static bool IsEphemeral(this NodeKind kind) =>
        kind is NodeKind.Ephemeral or NodeKind.EphemeralSequential;

    /// <summary>True when ZooKeeper puts a number behind the name.</summary>
    public static bool IsSequential(this NodeKind kind) => kind
        is NodeKind.PersistentSequential or NodeKind.EphemeralSequential or NodeKind.PersistentSequentialWithTtl;

    /// <summary>True when a time to live is part of the request.</summary>
    public static bool HasTtl(this NodeKind kind) =>
        kind is NodeKind.PersistentWithTtl or NodeKind.PersistentSequentialWithTtl;

    /// <summary>The operation that makes such a node and answers with its numbers.</summary>
    internal static KeeperOp Operation(this NodeKind kind) => kind switch
    {
        NodeKind.Container => KeeperOp.CreateContainer,
        _ when kind.HasTtl() => KeeperOp.CreateTtl,
        _ => KeeperOp.Create2,
    };
}
