using System.Diagnostics.CodeAnalysis;

namespace Barnabas.Wire;

/// <summary>Messages that stand in bytes of their own behind a number of two bytes: their version; for the keys of
/// coordinators' records, their type.</summary>
public static class HeadedMessage
{
    /// <summary>The bytes of a message behind its version.</summary>
    public static byte[] Write(IMessage message, short version) => Write(version, message, version);

    /// <summary>The bytes of a message behind a number.</summary>
    public static byte[] Write(short head, IMessage message, short version)
    {
        using var frame = new OutgoingFrame();
        var w = new WireWriter(frame);
        w.WriteInt16(head);
        message.Write(ref w, version);
        w.Flush();
        return frame.ToArray();
    }

    /// <summary>Reads a message behind its version, to the end of the bytes.</summary>
    /// <returns>False for a version that is not known.</returns>
    /// <exception cref="MalformedFrameException">The bytes are no such message.</exception>
    public static bool TryRead<T>(ReadOnlyMemory<byte> bytes, out short version, [MaybeNullWhen(false)] out T message)
        where T : IMessage<T>
    {
        var r = new WireReader(bytes);
        version = r.ReadInt16();
        message = default;
        if (version < T.FirstVersion || version > T.LastVersion)
            return false;
        message = T.Read(ref r, version);
        r.End();
        return true;
    }
}
