using Barnabas.Keeper;

namespace Barnabas.SimKeeper;

/// <summary>What the ensemble has agreed on: one place in its order.</summary>
/// <param name="Zxid">The place.</param>
/// <param name="Session">Whose it is.</param>
/// <param name="Time">When it was ordered.</param>
/// <param name="Changes">What is to be done, all or none; empty for the end of the session.</param>
internal sealed record Transaction(
    long Zxid, long Session, DateTimeOffset Time, IReadOnlyList<KeeperChange> Changes)
{
    /// <summary>True where the session ends, and its ephemeral nodes go.</summary>
    public bool EndsSession { get; init; }

    /// <summary>A new access list in place of changes; null for none.</summary>
    public (string Path, IReadOnlyList<KeeperAcl> Acl, int Version)? AclChange { get; init; }
}
