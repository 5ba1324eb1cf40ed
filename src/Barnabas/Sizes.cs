using System.Globalization;

namespace Barnabas.Cli;

/// <summary>Amounts of bytes as people write them: 64KiB, 1GiB, 500MB, or plain bytes. Units with an i are powers of
/// 1024, those without are powers of 1000.</summary>
internal static class Sizes
{
    private static readonly (string Unit, decimal Bytes)[] Units =
    [
        ("B", 1), ("kB", 1e3m), ("MB", 1e6m), ("GB", 1e9m), ("TB", 1e12m),
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40),
    ];

    /// <summary>Reads an amount; case does not count.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        var digits = text.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
        if (digits == 0 || !decimal.TryParse(
            text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        var unit = text[digits..].TrimStart();
        var scale = unit.Length == 0
            ? 1
            : Units.FirstOrDefault(u => u.Unit.Equals(unit, StringComparison.OrdinalIgnoreCase)).Bytes;
        if (scale == 0 || number > long.MaxValue / scale)
            return false;
        bytes = (long)(number * scale);
        return true;
    }

    /// <summary>An amount in the greatest unit, a power of 1024, of which it is at least one, with at most one digit
    /// behind the point: 1.5 GiB.</summary>
    public static string Text(long bytes)
    {
        var (unit, scale) = Units.Where(u => u.Unit is "B" or [_, 'i', 'B']).Reverse()
            .FirstOrDefault(u => bytes >= u.Bytes, Units[0]);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / scale:0.#} {unit}");
    }
}
