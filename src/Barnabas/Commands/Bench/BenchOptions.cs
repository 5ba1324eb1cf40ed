using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Barnabas.Records;

namespace Barnabas.Cli.Commands;

/// <summary>The options that several benchmarks have.</summary>
internal static class BenchOptions
{
    /// <summary>How long to measure.</summary>
    public static Option<TimeSpan> Duration() =>
        Time("--duration", "how long to measure (10s)", TimeSpan.FromSeconds(10));

    /// <summary>How long to run before.</summary>
    public static Option<TimeSpan?> WarmUp() => new("--warm-up")
    {
        Description = "how long to run before it counts (1s; with --bytes 0)",
        HelpName = "TIME",
        CustomParser = static result => ParseTime(result),
    };

    /// <summary>How much to do at the most.</summary>
    public static Option<long?> Bytes() => new("--bytes")
    {
        Description = "end after so many bytes of batches, as 10GiB, if that is sooner",
        HelpName = "SIZE",
        CustomParser = static result => ParseSize(result),
    };

    /// <summary>How many connections.</summary>
    public static Option<int> Connections(int standard) =>
        Number("--connections", "-c", "how many connections", standard, 1);

    /// <summary>A size in bytes.</summary>
    public static Option<int> Size(string name, string description, int standard) => new(name)
    {
        Description = description,
        HelpName = "SIZE",
        DefaultValueFactory = _ => standard,
        CustomParser = static result => ParseSize(result) switch
        {
            null => 0,
            <= int.MaxValue and var size => (int)size,
            _ => Fail(result, $"'{result.Tokens[^1].Value}' is too large", 0),
        },
    };

    /// <summary>An amount of bytes, of any size.</summary>
    public static Option<long> Amount(string name, string description, long standard) => new(name)
    {
        Description = description,
        HelpName = "SIZE",
        DefaultValueFactory = _ => standard,
        CustomParser = static result => ParseSize(result) ?? 0,
    };

    /// <summary>A length of time.</summary>
    public static Option<TimeSpan> Time(string name, string description, TimeSpan standard) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        DefaultValueFactory = _ => standard,
        CustomParser = static result => ParseTime(result) ?? default,
    };

    /// <summary>A whole number that is no less than another.</summary>
    public static Option<int> Number(string name, string? alias, string description, int standard, int least) =>
        new(name, alias is null ? [] : [alias])
        {
            Description = string.Create(CultureInfo.InvariantCulture, $"{description} ({standard})"),
            HelpName = "N",
            DefaultValueFactory = _ => standard,
            CustomParser = result =>
                int.TryParse(result.Tokens[^1].Value, CultureInfo.InvariantCulture, out var number) && number >= least
                    ? number
                    : Fail(result, $"{name} {result.Tokens[^1].Value}: at least {least}", standard),
        };

    /// <summary>Records a second.</summary>
    public static Option<double?> Rate(string description) => new("--rate")
    {
        Description = description,
        HelpName = "N",
        CustomParser = static result =>
            double.TryParse(result.Tokens[^1].Value, CultureInfo.InvariantCulture, out var rate) && rate > 0
                ? rate
                : Fail<double?>(result, $"'{result.Tokens[^1].Value}' is no rate", null),
    };

    /// <summary>Who must have a batch.</summary>
    public static Option<short> Acks() => new("--acks")
    {
        Description = "who must have a batch: all, 1 the leader (default), 0 nobody",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
        CustomParser = static result => result.Tokens[^1].Value switch
        {
            "all" or "-1" => -1,
            "1" => 1,
            "0" => 0,
            var other => Fail(result, $"--acks {other}: all, 1 or 0", (short)1),
        },
    };

    /// <summary>How records are compressed.</summary>
    public static Option<Compression> Codec() => new("--compression", "-z")
    {
        Description = "none, gzip, snappy, lz4 or zstd; with a level as zstd:9",
        HelpName = "CODEC",
        CustomParser = static result =>
        {
            var parts = result.Tokens[^1].Value.Split(':');
            int? level = null;
            if (parts.Length == 2 && int.TryParse(parts[1], CultureInfo.InvariantCulture, out var number))
                level = number;
            return Enum.TryParse<CompressionCodec>(parts[0], ignoreCase: true, out var codec)
                && (parts.Length == 1 || level is not null) && Codecs.IsAvailable(codec)
                ? new Compression(codec, level)
                : Fail(result, $"'{result.Tokens[^1].Value}' is no codec that is to be had here", default(Compression));
        },
    };

    /// <summary>How long to run before it counts: nothing where the run is bounded by what it does.</summary>
    public static TimeSpan WarmUpOf(TimeSpan? given, long? bytes) =>
        given ?? (bytes is null ? TimeSpan.FromSeconds(1) : TimeSpan.Zero);

    private static TimeSpan? ParseTime(ArgumentResult result) =>
        Durations.TryParse(result.Tokens[^1].Value, out var time)
            ? time
            : Fail<TimeSpan?>(result, $"'{result.Tokens[^1].Value}' is no time such as 500ms, 10s, 5m", null);

    private static long? ParseSize(ArgumentResult result) =>
        Sizes.TryParse(result.Tokens[^1].Value, out var bytes)
            ? bytes
            : Fail<long?>(result, $"'{result.Tokens[^1].Value}' is no size such as 16KiB, 1GiB", null);

    private static T Fail<T>(ArgumentResult result, string message, T value)
    {
        result.AddError(message);
        return value;
    }
}
