using Barnabas.Records;

namespace Barnabas.Bench.Micro;

/// <summary>The ways to compute CRC-32C, by size, and IEEE CRC-32.</summary>
internal static class ChecksumBench
{
    private const double Giga = 1e9;

    private delegate uint Checksum(ReadOnlySpan<byte> bytes);

    public static void Run()
    {
        foreach (var size in new[] { 64, 128, 1024, 4096, 16 * 1024, 1 << 20 })
        {
            var bytes = new byte[size];
            new Random(1).NextBytes(bytes);
            var times = Math.Max(1, (64 << 10) / size);
            var amount = (double)size * times / Giga;
            var comparison = new Comparison($"CRC-32C of {size} bytes", "GB/s");
            foreach (var (name, smallest, way) in Ways())
            {
                if (size >= smallest)
                    comparison.Add(name, amount, () => Repeat(times, way, bytes));
            }
            comparison.Print();
        }
        Cold();
    }

    private static void Cold()
    {
        var large = new byte[256 << 20];
        new Random(1).NextBytes(large.AsSpan(0, 1 << 20));
        var comparison = new Comparison("CRC-32C of 1 MiB slices of 256 MiB, cold", "GB/s");
        foreach (var (name, _, way) in Ways())
            comparison.Add(name, large.Length / Giga, () => EachMebibyte(large, way));
        comparison.Print();
    }

    private static IEnumerable<(string Name, int Smallest, Checksum Way)> Ways()
    {
        yield return ("CRC instruction", 0, bytes => Crc32C.Instruction(0, bytes));
        yield return ("tables", 0, bytes => Crc32C.Software(0, bytes));
        if (Crc32CInterleaved.IsSupported)
            yield return ("three streams", 0, bytes => Crc32CInterleaved.Update(0, bytes));
        if (CrcFolding<Castagnoli>.IsSupported)
            yield return ("128-bit folding", 64, bytes => CrcFolding<Castagnoli>.Update(0, bytes));
        if (CrcFolding512<Castagnoli, HardwareMultiply512>.IsSupported)
        {
            yield return ("512-bit folding", 256, bytes =>
                CrcFolding512<Castagnoli, HardwareMultiply512>.Update(0, bytes));
        }
        yield return ("what Crc32C chooses", 0, Crc32C.Compute);
        yield return ("IEEE CRC-32", 0, Crc32.Compute);
    }

    private static void EachMebibyte(byte[] bytes, Checksum compute)
    {
        for (var at = 0; at < bytes.Length; at += 1 << 20)
            _ = compute(bytes.AsSpan(at, 1 << 20));
    }

    private static void Repeat(int times, Checksum compute, byte[] bytes)
    {
        for (var i = 0; i < times; i++)
            _ = compute(bytes);
    }
}
