using System.Globalization;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary>Where to begin and to end: <c>earliest</c>, <c>100</c>, <c>-5</c>, <c>@1h:@now</c>,
/// <c>100:200</c>.</summary>
/// <param name="From">Where to begin.</param>
/// <param name="Until">Where to end; null for never.</param>
internal sealed record ConsumeRange(OffsetSpec From, OffsetSpec? Until)
{
    private const long LatestMilliseconds = 253402300799999;

    /// <summary>Reads a range.</summary>
    /// <param name="text">The range.</param>
    /// <param name="toEnd">Whether to end at the end as it is now, unless the range says where.</param>
    /// <param name="now">What times ago refer to.</param>
    /// <exception cref="CliException">It is none.</exception>
    public static ConsumeRange Parse(string text, bool toEnd, DateTimeOffset now)
    {
        var (from, until) = Halves(text);
        OffsetSpec? end = until is { Length: > 0 } ? Place(until, now) : null;
        if (from.StartsWith("e@", StringComparison.Ordinal))
            return new(OffsetSpec.Earliest, Place(from[1..], now));
        var start = from.Length == 0 ? OffsetSpec.Earliest : Place(from, now);
        return new(start, end ?? (toEnd ? OffsetSpec.Latest : null));
    }

    // A colon also stands within times: the range's is the one before an @, an end or a number.
    private static (string From, string? Until) Halves(string text)
    {
        for (var at = text.IndexOf(':', StringComparison.Ordinal); at >= 0; at = text.IndexOf(':', at + 1))
        {
            var (left, right) = (text[..at], text[(at + 1)..]);
            var isTime = left.StartsWith('@') && left.Contains('T', StringComparison.Ordinal) && !right.StartsWith('@')
                && right is not ("end" or "latest");
            if (!isTime)
                return (left, right);
        }

        return (text, null);
    }

    private static OffsetSpec Place(string text, DateTimeOffset now) => text switch
    {
        "earliest" or "beginning" or "start" or "oldest" => OffsetSpec.Earliest,
        "latest" or "end" or "newest" => OffsetSpec.Latest,
        _ when text.StartsWith('@') => OffsetSpec.FromTimestamp(Time(text[1..], now)),
        _ when text.StartsWith("s@", StringComparison.Ordinal) => OffsetSpec.FromTimestamp(Time(text[2..], now)),
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) =>
            text[0] == '-' ? OffsetSpec.FromEnd(-number) : OffsetSpec.At(number),
        _ => throw CliException.Usage($"'{text}' is no place: earliest, latest, N, -N, @1h, @2026-01-31T12:00, A:B"),
    };

    private static DateTimeOffset Time(string text, DateTimeOffset now)
    {
        if (text == "now")
            return now;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
            return DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(milliseconds, LatestMilliseconds));
        if (Durations.TryParse(text, out var ago))
            return now - ago;
        return DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time)
            ? time
            : throw CliException.Usage($"'{text}' is no time: milliseconds since 1970, 1h ago, 2026-01-31T12:00, now");
    }
}
