using System.Globalization;
using System.Text;
using Barnabas.Records;

namespace Barnabas.Tests.Nemesis.Drivers;

/// <summary>What a record says: where it belongs, who it is, what it is a copy of; and a checksum of that.</summary>
/// <param name="Home">The number of the partition it was sent to.</param>
/// <param name="Value">Its own number: no two records of a run have the same.</param>
/// <param name="Source">The number of the record it is a copy of; its own where it is none.</param>
/// <param name="IsIntact">False where the checksum does not hold.</param>
internal readonly record struct Payload(int Home, long Value, long Source, bool IsIntact = true)
{
    private const int MostPadding = 200;

    /// <summary>The bytes of a record.</summary>
    public byte[] ToBytes()
    {
        var padding = new string('.', (int)(Value * 7 % MostPadding));
        var text = string.Create(CultureInfo.InvariantCulture, $"{Home}/{Value}/{Source}/{padding}/");
        var sum = Crc32.Compute(Encoding.ASCII.GetBytes(text));
        return Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{text}{sum:x8}"));
    }

    /// <summary>Reads a record.</summary>
    public static Payload Of(ReadOnlySpan<byte> bytes)
    {
        var parts = Encoding.Latin1.GetString(bytes).Split('/');
        var damaged = new Payload(-1, -1, -1, false);
        if (parts.Length != 5 || bytes.Length < 8
            || !int.TryParse(parts[0], CultureInfo.InvariantCulture, out var home)
            || !long.TryParse(parts[1], CultureInfo.InvariantCulture, out var value)
            || !long.TryParse(parts[2], CultureInfo.InvariantCulture, out var source)
            || !uint.TryParse(parts[4], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var sum))
        {
            return damaged;
        }

        return new(home, value, source, Crc32.Compute(bytes[..^8]) == sum);
    }
}
