using System.Buffers.Binary;

namespace Barnabas.Client;

/// <summary>The hash by which keys find their partition: Austin Appleby's MurmurHash2, 32 bits, as Java's client has
/// it.</summary>
public static class Murmur2
{
    private const uint Seed = 0x9747b28c;
    private const uint M = 0x5bd1e995;
    private const int R = 24;

    /// <summary>The hash of a key.</summary>
    public static int Hash(ReadOnlySpan<byte> key)
    {
        var h = Seed ^ (uint)key.Length;
        var rest = key;
        for (; rest.Length >= 4; rest = rest[4..])
        {
            var k = BinaryPrimitives.ReadUInt32LittleEndian(rest) * M;
            k ^= k >> R;
            h = (h * M) ^ (k * M);
        }

        if (rest.Length >= 3)
            h ^= (uint)rest[2] << 16;
        if (rest.Length >= 2)
            h ^= (uint)rest[1] << 8;
        if (rest.Length >= 1)
            h = (h ^ rest[0]) * M;
        h ^= h >> 13;
        h *= M;
        h ^= h >> 15;
        return unchecked((int)h);
    }

    /// <summary>The partition of a key, among so many.</summary>
    public static int Partition(ReadOnlySpan<byte> key, int partitions) => (Hash(key) & int.MaxValue) % partitions;
}
