using Barnabas.Base;
using Barnabas.Wire;

namespace Barnabas.Keeper;

/// <summary>One of the operations of a multi.</summary>
/// <param name="Operation">What it does.</param>
/// <param name="Path">The node.</param>
/// <param name="Version">The version the node has to have; -1 for any.</param>
public abstract record KeeperChange(KeeperOp Operation, string Path, int Version)
{
    /// <summary>Makes a node.</summary>
    /// <param name="path">Its path; a sequential one gets ten digits behind it.</param>
    /// <param name="data">What it holds.</param>
    /// <param name="kind">How long it stays.</param>
    /// <param name="acl">Who may do what; null for what the client's settings say.</param>
    public static KeeperChange Create(
        string path, ReadOnlyMemory<byte> data, NodeKind kind = NodeKind.Persistent,
        IReadOnlyList<KeeperAcl>? acl = null) =>
        new CreateChange(path, data, kind, acl);

    /// <summary>Removes a node.</summary>
    public static KeeperChange Delete(string path, int version = -1) =>
        new VersionChange(KeeperOp.Delete, path, version);

    /// <summary>Writes a node.</summary>
    public static KeeperChange SetData(string path, ReadOnlyMemory<byte> data, int version = -1) =>
        new SetDataChange(path, data, version);

    /// <summary>Holds the version of a node against a number; -1 asks whether it is there.</summary>
    public static KeeperChange Check(string path, int version = -1) =>
        new VersionChange(KeeperOp.Check, path, version);

    /// <summary>The change as a server is asked for it.</summary>
    internal virtual KeeperChange At(Chroot chroot, IReadOnlyList<KeeperAcl> acl) =>
        this with { Path = chroot.Whole(Path) };

    internal abstract void WriteRest(JuteWriter w);

    internal static KeeperChange Read(KeeperOp operation, ref JuteReader r)
    {
        var path = r.ReadString();
        switch (operation)
        {
            case KeeperOp.Create or KeeperOp.Create2 or KeeperOp.CreateContainer or KeeperOp.CreateTtl:
                return ReadCreate(path, ref r);
            case KeeperOp.SetData:
                var data = r.ReadBytes();
                return new SetDataChange(path, data, r.ReadInt32());
            case KeeperOp.Delete or KeeperOp.Check:
                return new VersionChange(operation, path, r.ReadInt32());
            default:
                throw new MalformedFrameException($"operation {operation} is no change");
        }
    }

    private static CreateChange ReadCreate(string path, ref JuteReader r)
    {
        var data = r.ReadBytes();
        var acl = KeeperAcl.Read(ref r);
        var kind = (NodeKind)r.ReadInt32();
        return new CreateChange(path, data, kind, acl)
        {
            Ttl = kind.HasTtl() ? TimeSpan.FromMilliseconds(r.ReadInt64()) : TimeSpan.Zero,
        };
    }
}

internal sealed record CreateChange(
    string Path, ReadOnlyMemory<byte> Data, NodeKind Kind, IReadOnlyList<KeeperAcl>? Acl)
    : KeeperChange(KindOperation(Kind), Path, -1)
{
    public TimeSpan Ttl { get; init; }

    internal override KeeperChange At(Chroot chroot, IReadOnlyList<KeeperAcl> acl) =>
        this with { Path = chroot.Whole(Path), Acl = Acl ?? acl };

    internal override void WriteRest(JuteWriter w)
    {
        Invariant.Holds(Acl is not null, "a server is told who may do what");
        w.WriteBytes(Data.Span);
        KeeperAcl.Write(w, Acl);
        w.WriteInt32((int)Kind);
        if (Kind.HasTtl())
            w.WriteInt64((long)Ttl.TotalMilliseconds);
    }

    private static KeeperOp KindOperation(NodeKind kind)
    {
        var operation = kind.Operation();
        return operation == KeeperOp.Create2 ? KeeperOp.Create : operation;
    }
}

internal sealed record SetDataChange(string Path, ReadOnlyMemory<byte> Data, int Version)
    : KeeperChange(KeeperOp.SetData, Path, Version)
{
    internal override void WriteRest(JuteWriter w)
    {
        w.WriteBytes(Data.Span);
        w.WriteInt32(Version);
    }
}

internal sealed record VersionChange(KeeperOp Operation, string Path, int Version)
    : KeeperChange(Operation, Path, Version)
{
    internal override void WriteRest(JuteWriter w) => w.WriteInt32(Version);
}
