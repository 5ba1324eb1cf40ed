namespace Barnabas.Keeper;

/// <summary>The numbers ZooKeeper keeps of a node.</summary>
public readonly record struct NodeStat
{
    /// <summary>Bytes on the wire.</summary>
    internal const int Size = 68;

    /// <summary>The transaction that made it.</summary>
    public long CreatedBy { get; init; }

    /// <summary>The transaction that last wrote it.</summary>
    public long WrittenBy { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>When it was last written.</summary>
    public DateTimeOffset Written { get; init; }

    /// <summary>How often it was written.</summary>
    public int Version { get; init; }

    /// <summary>How often children came or went.</summary>
    public int ChildVersion { get; init; }

    /// <summary>How often its access list was written.</summary>
    public int AclVersion { get; init; }

    /// <summary>The session it ends with; 0 for none.</summary>
    public long Owner { get; init; }

    /// <summary>Bytes it holds.</summary>
    public int DataLength { get; init; }

    /// <summary>Children it has.</summary>
    public int Children { get; init; }

    /// <summary>The transaction in which children last came or went.</summary>
    public long ChildrenChangedBy { get; init; }

    internal static NodeStat Read(ref JuteReader r) => new()
    {
        CreatedBy = r.ReadInt64(),
        WrittenBy = r.ReadInt64(),
        Created = Time(r.ReadInt64()),
        Written = Time(r.ReadInt64()),
        Version = r.ReadInt32(),
        ChildVersion = r.ReadInt32(),
        AclVersion = r.ReadInt32(),
        Owner = r.ReadInt64(),
        DataLength = r.ReadInt32(),
        Children = r.ReadInt32(),
        ChildrenChangedBy = r.ReadInt64(),
    };

    internal void Write(JuteWriter w)
    {
        w.WriteInt64(CreatedBy);
        w.WriteInt64(WrittenBy);
        w.WriteInt64(Created.ToUnixTimeMilliseconds());
        w.WriteInt64(Written.ToUnixTimeMilliseconds());
        w.WriteInt32(Version);
        w.WriteInt32(ChildVersion);
        w.WriteInt32(AclVersion);
        w.WriteInt64(Owner);
        w.WriteInt32(DataLength);
        w.WriteInt32(Children);
        w.WriteInt64(ChildrenChangedBy);
    }

    // A server may say anything; what is no time is the nearest that is one.
    private static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(
        ms, DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));
}
