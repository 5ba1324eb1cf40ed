using System.Text;
using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Tests.Fuzz;

/// <summary>Values that mean something to the node under attack, and values that are wrong in a way of their
/// own.</summary>
/// <param name="topics">The topics that are there.</param>
internal sealed class Vocabulary(IReadOnlyList<(string Name, TopicId Id)> topics)
{
    private static readonly long[] Numbers =
    [
        0, 1, 2, 3, -1, -2, -3, 5, 127, 128, 255, 1000, 32_767, 32_768, 65_535, 1 << 20, 100_000_000, int.MaxValue,
        int.MinValue, 1L + int.MaxValue, long.MaxValue, long.MinValue, 1_700_000_000_000,
    ];

    private static readonly string[] Words =
    [
        "", ".", "..", "../evil", "a/b", "a\0b", "\ufffd", "été", "🦀", "0", "1", "-1", "00", "+1", "1e9", "true",
        "compact", "delete", "gzip", "none", "cleanup.policy", "retention.ms", "segment.bytes", "max.message.bytes",
        "compression.type", "min.insync.replicas", "message.timestamp.type", "log.retention.ms", "num.partitions",
        "metadata.version", "kraft.version", "__cluster_metadata", "__consumer_offsets", "9223372036854775807",
        "99999999999999999999", "localhost", "PLAINTEXT", "a=b", "a,b,", "*", "group", "transaction",
        new('x', 249), new('x', 250), new('y', 32_767), new('é', 10_000),
    ];

    /// <summary>A number, at home in all kinds of fields.</summary>
    public static long Number(Random random) => random.Next(8) == 0
        ? random.NextInt64(long.MinValue, long.MaxValue)
        : Numbers[random.Next(Numbers.Length)];

    /// <summary>A name, mostly one that is known.</summary>
    public string Word(Random random) => random.Next(3) switch
    {
        0 => topics[random.Next(topics.Count)].Name,
        1 => $"new-{random.Next(20)}",
        _ => Words[random.Next(Words.Length)],
    };

    /// <summary>An id, mostly of a topic.</summary>
    public Uuid Id(Random random) => random.Next(4) switch
    {
        0 => Uuid.Zero,
        1 => new Uuid(0, (ulong)random.Next(120)),
        _ => topics[random.Next(topics.Count)].Id.Value,
    };

    /// <summary>A batch, whole or damaged; rarely several.</summary>
    public static byte[] Batch(Random random)
    {
        var batch = Whole(random);
        return random.Next(4) switch
        {
            0 => Golden.Mutation.Apply(random, batch, Whole(random)),
            1 => Signed(random, batch),
            2 when random.Next(8) == 0 => [.. batch, .. Whole(random)],
            _ => batch,
        };
    }

    // Damaged behind its checksum, and signed anew: what is wrong must be found where it is.
    private static byte[] Signed(Random random, byte[] batch)
    {
        var area = Golden.Mutation.Apply(random, batch[21..], batch);
        byte[] whole = [.. batch[..21], .. area];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(whole.AsSpan(8), whole.Length - 12);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(whole.AsSpan(17), Crc32C.Compute(whole.AsSpan(21)));
        return whole;
    }

    private static byte[] Whole(Random random)
    {
        using var builder = new BatchBuilder();
        for (var i = random.Next(1, 20); i > 0; i--)
        {
            var value = Encoding.UTF8.GetBytes(new string((char)('a' + i), random.Next(200)));
            builder.Append(1_700_000_000_000 + i, default, value);
        }

        var codec = (CompressionCodec)random.Next(5);
        return builder.Build(new BatchOptions { Compression = new Compression(codec) }).ToArray();
    }
}
