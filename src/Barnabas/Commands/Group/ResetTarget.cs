using System.CommandLine;
using System.Xml;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary>Where a group's positions are to go.</summary>
/// <param name="Place">A place in every partition; null for another target.</param>
/// <param name="Shift">So many records on, or back where negative; null for another target.</param>
/// <param name="File">To where a file says; null for another target.</param>
/// <remarks>With none of them positions stay, and partitions without one get the end.</remarks>
internal sealed record ResetTarget(OffsetSpec? Place = null, long? Shift = null, string? File = null)
{
    private static readonly Option<string?> To = new("--to")
    {
        Description = "a place: earliest, latest, N, -N, @2026-01-31T12:00, @1h; or current",
        HelpName = "WHERE",
    };

    private static readonly Option<long?> ShiftBy = new("--shift-by")
    {
        Description = "N records on, or back with -N",
        HelpName = "N",
    };

    private static readonly Option<string?> FromFile = new("--from-file")
    {
        Description = "to where a CSV file says, as 'group export' writes it; - for standard input",
        HelpName = "FILE",
    };

    // As kafka-consumer-groups spells them.
    private static readonly Option<bool> ToEarliest = new("--to-earliest") { Hidden = true };
    private static readonly Option<bool> ToLatest = new("--to-latest") { Hidden = true };
    private static readonly Option<bool> ToCurrent = new("--to-current") { Hidden = true };
    private static readonly Option<long?> ToOffset = new("--to-offset") { Hidden = true };
    private static readonly Option<string?> ToDateTime = new("--to-datetime") { Hidden = true };
    private static readonly Option<string?> ByDuration = new("--by-duration") { Hidden = true };

    /// <summary>The options that say so.</summary>
    public static Option[] Options { get; } =
        [To, ShiftBy, FromFile, ToEarliest, ToLatest, ToCurrent, ToOffset, ToDateTime, ByDuration];

    /// <summary>What the options say.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="now">What times ago refer to.</param>
    /// <exception cref="CliException">They say nothing, or contradict each other.</exception>
    public static ResetTarget Parse(ParseResult parsed, DateTimeOffset now)
    {
        var given = Given(parsed, now).OfType<ResetTarget>().ToList();
        return given.Count == 1 ? given[0] : throw CliException.Usage(
            given.Count == 0
                ? "to where? give --to WHERE, --shift-by N or --from-file FILE"
                : "to where? give one of --to, --shift-by and --from-file");
    }

    private static IEnumerable<ResetTarget?> Given(ParseResult parsed, DateTimeOffset now)
    {
        yield return parsed.GetValue(To) is { } to ? At(to, now) : null;
        yield return parsed.GetValue(ShiftBy) is { } shift ? new(Shift: shift) : null;
        yield return parsed.GetValue(FromFile) is { } file ? new(File: file) : null;
        yield return parsed.GetValue(ToEarliest) ? new(OffsetSpec.Earliest) : null;
        yield return parsed.GetValue(ToLatest) ? new(OffsetSpec.Latest) : null;
        yield return parsed.GetValue(ToCurrent) ? new() : null;
        yield return parsed.GetValue(ToOffset) is { } offset ? new(OffsetSpec.At(offset)) : null;
        yield return parsed.GetValue(ToDateTime) is { } time ? At($"@{time}", now) : null;
        yield return parsed.GetValue(ByDuration) is { } ago ? new(OffsetSpec.FromTimestamp(now - Duration(ago))) : null;
    }

    private static ResetTarget At(string text, DateTimeOffset now)
    {
        if (text == "current")
            return new();
        return ConsumeRange.Parse(text, toEnd: false, now) is { Until: null } range
            ? new(range.From)
            : throw CliException.Usage($"'{text}' is a range: one place is wanted");
    }

    private static TimeSpan Duration(string text)
    {
        if (Durations.TryParse(text, out var time))
            return time;
        try
        {
            return XmlConvert.ToTimeSpan(text);
        }
        catch (Exception fault) when (fault is FormatException or OverflowException)
        {
            throw CliException.Usage($"'{text}' is no length of time: 1h and P1DT2H are");
        }
    }
}
