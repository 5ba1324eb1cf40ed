namespace Barnabas.Base;

/// <summary>A source of chance: the operating system's in a real node, a seeded one in the simulator.</summary>
/// <remarks>Safe to use from any lane.</remarks>
public abstract class RandomSource
{
    /// <summary>Fills <paramref name="bytes"/> with random bytes.</summary>
    public abstract void Fill(Span<byte> bytes);

    /// <summary>A number from 0 up to, not including, <paramref name="below"/>.</summary>
    public int Next(int below)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(below, 1);
        Span<byte> bytes = stackalloc byte[8];
        Fill(bytes);
        return (int)(BitConverter.ToUInt64(bytes) % (uint)below);
    }

    /// <summary>A random id in Kafka's sense: never one of the 100 reserved ones, and its text never begins with a
    /// dash.</summary>
    public Uuid NextUuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        while (true)
        {
            Fill(bytes);
            // Version and variant bits of a random UUID (RFC 9562), as Java's Uuid.randomUuid sets them.
            bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
            bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
            var uuid = Uuid.FromBytes(bytes);
            if (!uuid.IsReserved && !uuid.ToString().StartsWith('-'))
                return uuid;
        }
    }
}
