namespace Barnabas.Tests.Golden;

/// <summary>Damages bytes the ways a broken or hostile peer might.</summary>
internal static class Mutation
{
    /// <summary>Bytes that decoders stumble over: lengths and counts beyond all bounds, overlong varints.</summary>
    private static readonly byte[][] Poison =
    [
        [0x7f, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0xff], [0x80, 0, 0, 0], [0xff, 0xfe],
        [0xff, 0xff, 0xff, 0xff, 0x07], [0xff, 0xff, 0xff, 0xff, 0x0f], [0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
        [0x80, 0x80, 0x00], [0x02, 0x03, 0x00, 0x03, 0x00], [0x02, 0x05, 0x00, 0x04, 0x00], [0xfe, 0xff, 0x03],
    ];

    /// <summary>A damaged copy of <paramref name="bytes"/>; <paramref name="other"/> gives parts to splice
    /// in.</summary>
    public static byte[] Apply(Random random, byte[] bytes, byte[] other)
    {
        var result = bytes;
        for (var rounds = random.Next(1, 4); rounds > 0; rounds--)
            result = Once(random, result, other);
        return result;
    }

    /// <summary>A copy with something poisonous at a place, such as a length.</summary>
    public static byte[] Poisoned(Random random, byte[] bytes, int at)
    {
        var poison = Poison[random.Next(Poison.Length)];
        return [.. bytes[..at], .. poison, .. bytes[Math.Min(bytes.Length, at + poison.Length)..]];
    }

    private static byte[] Once(Random random, byte[] bytes, byte[] other)
    {
        var at = random.Next(bytes.Length + 1);
        var rest = bytes.Length - at;
        switch (random.Next(7))
        {
            case 0:
                return bytes[..at];
            case 1:
                return Poisoned(random, bytes, at);
            case 2:
                return [.. bytes[..at], .. Poison[random.Next(Poison.Length)], .. bytes[at..]];
            case 3:
                return [.. bytes[..at], .. other[random.Next(other.Length + 1)..]];
            case 4:
                var twice = random.Next(rest + 1);
                return [.. bytes[..(at + twice)], .. bytes[at..]];
            case 5:
                return [.. bytes[..at], .. bytes[(at + random.Next(rest + 1))..]];
            default:
                var flipped = bytes.ToArray();
                if (flipped.Length > 0)
                    flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
                return flipped;
        }
    }
}
