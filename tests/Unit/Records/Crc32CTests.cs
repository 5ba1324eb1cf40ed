using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Barnabas.Records;

namespace Barnabas.Tests.Unit.Records;

public sealed class Crc32CTests
{
    private delegate uint Update(uint register, ReadOnlySpan<byte> bytes);

    [Fact]
    public void The_check_value_is_that_of_Castagnoli() =>
        Assert.Equal(0xE3069283, Crc32C.Compute("123456789"u8));

    [Fact]
    public void The_check_value_of_IEEE_is_that_of_IEEE() =>
        Assert.Equal(0xCBF43926, Crc32.Compute("123456789"u8));

    [Fact]
    public void Every_way_agrees_with_the_tables_on_any_length_and_start()
    {
        var random = new Random(1);
        var bytes = new byte[50_000];
        random.NextBytes(bytes);
        for (var i = 0; i < 4000; i++)
        {
            var length = random.Next(i < 2000 ? 600 : i < 3900 ? 5000 : bytes.Length - 64);
            var some = bytes.AsSpan(random.Next(64), length);
            var register = (uint)random.NextInt64(uint.MaxValue);
            var expected = Crc32C.Software(register, some);
            Assert.Equal(Crc32.Software(register, some), ~Crc32.Append(~register, some));
            foreach (var (name, smallest, way) in Ways())
            {
                if (length >= smallest)
                    Assert.True(expected == way(register, some), $"{name} is wrong on {length} bytes");
            }
        }
    }

    [Fact]
    public void Parts_chain_to_the_checksum_of_the_whole()
    {
        var random = new Random(2);
        for (var i = 0; i < 500; i++)
        {
            var bytes = new byte[random.Next(20_000)];
            random.NextBytes(bytes);
            var cut = random.Next(bytes.Length + 1);
            Assert.Equal(
                Crc32C.Compute(bytes), Crc32C.Append(
                    Crc32C.Compute(bytes.AsSpan(0, cut)), bytes.AsSpan(cut)));
        }
    }

    [Fact]
    public void Replacing_bytes_gives_the_checksum_of_the_changed_whole()
    {
        var random = new Random(3);
        for (var i = 0; i < 500; i++)
        {
            var bytes = new byte[random.Next(1, 100_000)];
            random.NextBytes(bytes);
            var crc = Crc32C.Compute(bytes);
            var from = random.Next(bytes.Length);
            var changed = bytes.AsSpan(from, random.Next(Math.Min(40, bytes.Length - from)));
            var before = changed.ToArray();
            random.NextBytes(changed);
            Assert.Equal(
                Crc32C.Compute(bytes), Crc32C.Replace(
                    crc, before, changed, bytes.Length - from - changed.Length));
        }
    }

    [Fact]
    public void The_hash_of_lz4_frames_is_xxHash32()
    {
        Assert.Equal(0x02CC5D05u, XxHash32.Compute([]));
        Assert.Equal(0x32D153FFu, XxHash32.Compute("abc"u8));
        var bytes = new byte[1000];
        new Random(4).NextBytes(bytes);
        for (var cut = 0; cut < bytes.Length; cut++)
        {
            var hash = new XxHash32();
            hash.Append(bytes.AsSpan(0, cut / 2));
            hash.Append(bytes.AsSpan(cut / 2, cut - (cut / 2)));
            hash.Append(bytes.AsSpan(cut));
            Assert.Equal(XxHash32.Compute(bytes), hash.Value);
        }
    }

    private static IEnumerable<(string Name, int Smallest, Update Way)> Ways()
    {
        yield return ("the CRC instruction", 0, Crc32C.Instruction);
        yield return ("the choice", 0, (register, bytes) => ~Crc32C.Append(~register, bytes));
        if (Crc32CInterleaved.IsSupported)
            yield return ("interleaving", 0, Crc32CInterleaved.Update);
        if (CrcFolding<Castagnoli>.IsSupported)
            yield return ("folding", CrcFolding<Castagnoli>.Smallest, CrcFolding<Castagnoli>.Update);
        if (CrcFolding512<Castagnoli, HardwareMultiply512>.IsSupported)
            yield return ("wide folding", 256, CrcFolding512<Castagnoli, HardwareMultiply512>.Update);
        if (CrcFolding512<Castagnoli, Emulated>.IsSupported)
            yield return ("wide folding, emulated", 256, CrcFolding512<Castagnoli, Emulated>.Update);
    }

    /// <summary>Four narrow multiplications in place of a wide one, so that the wide way is tested on every
    /// machine.</summary>
    private readonly struct Emulated : IMultiply512
    {
        public static bool IsSupported => Pclmulqdq.IsSupported;

        public static Vector512<ulong> Fold(Vector512<ulong> lane, Vector512<ulong> by, Vector512<ulong> next)
        {
            var (low, high) = (lane.GetLower(), lane.GetUpper());
            var (byLow, byHigh) = (by.GetLower(), by.GetUpper());
            return next ^ Vector512.Create(
                Vector256.Create(
                    Fold(low.GetLower(), byLow.GetLower()), Fold(low.GetUpper(), byLow.GetUpper())),
                Vector256.Create(
                    Fold(high.GetLower(), byHigh.GetLower()), Fold(high.GetUpper(), byHigh.GetUpper())));
        }

        private static Vector128<ulong> Fold(Vector128<ulong> lane, Vector128<ulong> by) =>
            Pclmulqdq.CarrylessMultiply(lane, by, 0x00) ^ Pclmulqdq.CarrylessMultiply(lane, by, 0x11);
    }
}
