namespace Barnabas.Keeper;

/// <summary>The first frame of a connection: which session, and what the client has seen.</summary>
/// <param name="LastZxid">The newest transaction the client knows of: a server that is behind it refuses.</param>
/// <param name="TimeoutMs">How long the session may be silent.</param>
/// <param name="SessionId">The session to go on with; 0 for a new one.</param>
/// <param name="Password">What proves the session; 16 bytes.</param>
internal readonly record struct ConnectRequest(
    long LastZxid, int TimeoutMs, long SessionId, ReadOnlyMemory<byte> Password)
{
    public ReadOnlyMemory<byte> ToFrame()
    {
        var w = new JuteWriter();
        w.WriteInt32(0);
        w.WriteInt64(LastZxid);
        w.WriteInt32(TimeoutMs);
        w.WriteInt64(SessionId);
        w.WriteBytes(Password.Span);
        // A server that has lost its ensemble, and may only be read, is of no use.
        w.WriteBool(false);
        return w.ToFrame();
    }

    public static ConnectRequest Read(ref JuteReader r)
    {
        r.ReadInt32();
        var request = new ConnectRequest(r.ReadInt64(), r.ReadInt32(), r.ReadInt64(), r.ReadBytes());
        return request;
    }
}

/// <summary>What a server says to it.</summary>
/// <param name="TimeoutMs">How long the session may be silent; 0 where it is over.</param>
/// <param name="SessionId">The session.</param>
/// <param name="Password">What proves it.</param>
/// <param name="IsReadOnly">True for a server that has lost its ensemble.</param>
internal readonly record struct ConnectResponse(
    int TimeoutMs, long SessionId, ReadOnlyMemory<byte> Password, bool IsReadOnly)
{
    public ReadOnlyMemory<byte> ToFrame()
    {
        var w = new JuteWriter();
        w.WriteInt32(0);
        w.WriteInt32(TimeoutMs);
        w.WriteInt64(SessionId);
        w.WriteBytes(Password.Span);
        w.WriteBool(IsReadOnly);
        return w.ToFrame();
    }

    public static ConnectResponse Read(ref JuteReader r)
    {
        r.ReadInt32();
        // Servers before 3.4 do not say whether they may only be read.
        return new(r.ReadInt32(), r.ReadInt64(), r.ReadBytes(), r.Remaining > 0 && r.ReadBool());
    }
}
