using Barnabas.Base;

namespace Barnabas.Server.Apis;

/// <summary>Makes ids for members of groups.</summary>
internal static class MemberIds
{
    /// <summary>A random id, in the form of Java's random UUIDs, as clients' logs show it.</summary>
    public static Guid New(RandomSource random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.Fill(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
