using System.Globalization;

namespace Barnabas.Cli;

/// <summary>Points in time as people read them.</summary>
internal static class Times
{
    private const long LatestMs = 253402300799999;

    /// <summary>A timestamp, in ms since 1970, in UTC: 2026-01-31T12:00:00.000Z; the number itself where no calendar
    /// has it.</summary>
    public static string Text(long milliseconds) =>
        milliseconds is < 0 or > LatestMs
            ? milliseconds.ToString(CultureInfo.InvariantCulture)
            : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
                .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
