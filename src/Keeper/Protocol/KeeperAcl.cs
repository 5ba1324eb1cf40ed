namespace Barnabas.Keeper;

/// <summary>What one identity may do with a node.</summary>
/// <param name="Permissions">Read 1, write 2, create 4, delete 8, administer 16, added up.</param>
/// <param name="Scheme">How the identity is proved: <c>world</c>, <c>auth</c>, <c>digest</c>, <c>sasl</c>,
/// <c>ip</c>, <c>x509</c>.</param>
/// <param name="Id">Who, in the scheme's notation.</param>
public sealed record KeeperAcl(int Permissions, string Scheme, string Id)
{
    /// <summary>Everything.</summary>
    public const int All = 31;

    /// <summary>Reading alone.</summary>
    public const int ReadOnly = 1;

    /// <summary>Anyone may do everything.</summary>
    public static readonly IReadOnlyList<KeeperAcl> Open = [new(All, "world", "anyone")];

    /// <summary>Who made the node may do everything, and nobody else anything.</summary>
    public static readonly IReadOnlyList<KeeperAcl> CreatorAll = [new(All, "auth", "")];

    /// <summary>Who made the node may do everything, and others may read it.</summary>
    public static readonly IReadOnlyList<KeeperAcl> CreatorAllOthersRead =
        [new(All, "auth", ""), new(ReadOnly, "world", "anyone")];

    internal static IReadOnlyList<KeeperAcl> Read(ref JuteReader r)
    {
        var list = new KeeperAcl[r.ReadCount(12)];
        for (var i = 0; i < list.Length; i++)
            list[i] = new KeeperAcl(r.ReadInt32(), r.ReadString(), r.ReadString());
        return list;
    }

    internal static void Write(JuteWriter w, IReadOnlyList<KeeperAcl> list)
    {
        w.WriteInt32(list.Count);
        foreach (var acl in list)
        {
            w.WriteInt32(acl.Permissions);
            w.WriteString(acl.Scheme);
            w.WriteString(acl.Id);
        }
    }
}
