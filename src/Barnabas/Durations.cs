using System.Globalization;

namespace Barnabas.Cli;

/// <summary>Lengths of time as people write them: 500ms, 10s, 5m, 2h, 7d, or plain milliseconds.</summary>
internal static class Durations
{
    private static readonly (string Unit, double Milliseconds)[] Units =
        [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000)];

    /// <summary>Reads a length of time.</summary>
    public static bool TryParse(string text, out TimeSpan time)
    {
        time = default;
        var digits = text.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
        if (digits == 0 || !double.TryParse(text[..digits], CultureInfo.InvariantCulture, out var number))
            return false;
        var unit = text[digits..];
        var scale = unit.Length == 0 ? 1 : Units.FirstOrDefault(u => u.Unit == unit).Milliseconds;
        if (scale == 0 || number * scale > TimeSpan.MaxValue.TotalMilliseconds / 2)
            return false;
        time = TimeSpan.FromMilliseconds(number * scale);
        return true;
    }

    /// <summary>A length of time in the greatest unit, weeks left out, of which it is at least one, with at most one
    /// digit behind the point: 1.5h.</summary>
    public static string Text(TimeSpan time)
    {
        var (unit, scale) = Units.Where(u => u.Unit != "w").Reverse()
            .FirstOrDefault(u => time.TotalMilliseconds >= u.Milliseconds, Units[0]);
        return string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds / scale:0.#}{unit}");
    }
}
