using System.Globalization;
using System.Text;
using Barnabas.Client;

namespace Barnabas.Cli;

/// <summary>The timestamp as a date: <c>%d</c> in ISO 8601, <c>%d{strftime[...]}</c> as C writes it, in UTC.</summary>
internal sealed class TimePart : FormatPart
{
    private readonly string? _pattern;

    private TimePart(string? pattern) => _pattern = pattern;

    /// <summary>The form a modifier names.</summary>
    /// <exception cref="CliException">It names none.</exception>
    public static TimePart Parse(string? modifier)
    {
        if (modifier is null)
            return new TimePart(null);
        if (!modifier.StartsWith("strftime[", StringComparison.Ordinal) || !modifier.EndsWith(']'))
            throw CliException.Usage($"'{modifier}' is no form of dates: there is strftime[...]");
        var pattern = modifier[9..^1];
        Format(pattern, DateTimeOffset.UnixEpoch);
        return new TimePart(pattern);
    }

    public override void Write(StdOut to, FetchedRecords fetched, scoped in RecordCursor cursor)
    {
        var milliseconds = cursor.Current.Timestamp;
        if (milliseconds < 0 || milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
            to.Write("-"u8);
        else
            to.Write(Format(_pattern, DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)));
    }

    private static string Format(string? pattern, DateTimeOffset time)
    {
        if (pattern is null)
            return time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var text = new StringBuilder();
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] != '%' || ++i == pattern.Length)
                text.Append(pattern[Math.Min(i, pattern.Length - 1)]);
            else
                text.Append(Field(pattern[i], time));
        }

        return text.ToString();
    }

    private static string Field(char letter, DateTimeOffset time)
    {
        var net = letter switch
        {
            'Y' => "yyyy",
            'y' => "yy",
            'm' => "MM",
            'd' => "dd",
            'H' => "HH",
            'I' => "hh",
            'M' => "mm",
            'S' => "ss",
            'f' => "ffffff",
            'p' => "tt",
            'a' => "ddd",
            'A' => "dddd",
            'b' or 'h' => "MMM",
            'B' => "MMMM",
            'F' => "yyyy-MM-dd",
            'D' => "MM'/'dd'/'yy",
            'T' => "HH':'mm':'ss",
            'R' => "HH':'mm",
            'L' => "fff",
            _ => null,
        };
        if (net is not null)
            return time.ToString(net.Length == 1 ? "%" + net : net, CultureInfo.InvariantCulture);
        return letter switch
        {
            's' => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            'j' => time.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
            'e' => time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
            'u' => (((int)time.DayOfWeek + 6) % 7 + 1).ToString(CultureInfo.InvariantCulture),
            'w' => ((int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
            'z' => "+0000",
            'Z' => "UTC",
            'n' => "\n",
            't' => "\t",
            '%' => "%",
            _ => throw CliException.Usage($"'%{letter}' is no field of strftime"),
        };
    }
}
