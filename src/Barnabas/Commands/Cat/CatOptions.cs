using System.CommandLine;

namespace Barnabas.Cli.Commands;

/// <summary>kcat's options. Those that all commands here have too (-b, -X, -F, -q, -v) are not among them.</summary>
internal static class CatOptions
{
    public static readonly Argument<string[]> Files = new("file")
    {
        Description = "-P: files, each one message, or a message a line with -l",
        HelpName = "FILE",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public static readonly Option<string[]> Topic = new Option<string[]>("-t")
    {
        Description = "the topic; for -Q TOPIC:PARTITION:MS, as often as wanted",
        HelpName = "TOPIC",
    }.CompletedBy(TopicCommand.Known);

    public static readonly Option<string[]> Offset = new("-o")
    {
        Description = "-C: beginning, end, N, -N, s@MS to begin at a time, e@MS to end at one",
        HelpName = "OFFSET",
    };

    public static readonly Option<int?> Partition = Valued<int?>("-p", "N", "the partition");
    public static readonly Option<bool> ToEnd = Flag("-e", "-C: end when the end is reached");
    public static readonly Option<long?> Count = Valued<long?>("-c", "N", "end after N messages");
    public static readonly Option<string?> Format = Valued<string?>("-f", "FORMAT", "-C: how to print a message");
    public static readonly Option<bool> AsJson = Flag("-J", "-C, -L: print JSON");
    public static readonly Option<string?> KeyDelimiter = Valued<string?>("-K", "DELIM", "between key and value");
    public static readonly Option<string?> Delimiter = Valued<string?>("-D", "DELIM", "behind a message (\\n)");
    public static readonly Option<string?> Key = Valued<string?>("-k", "KEY", "-P: the key of every message");
    public static readonly Option<string[]> Headers = Valued<string[]>("-H", "K=V", "-P: a header of every message");
    public static readonly Option<string?> Codec = Valued<string?>("-z", "CODEC", "-P: none, gzip, snappy, lz4, zstd");
    public static readonly Option<bool> Lines = Flag("-l", "-P: the files' lines are messages");
    public static readonly Option<bool> Nulls = Flag("-Z", "-P: what is empty is null; -C: null is printed as NULL");
    public static readonly Option<bool> Unbuffered = Flag("-u", "-C: print at once (always so)");

    /// <summary>All of them.</summary>
    public static Symbol[] All { get; } =
    [
        Topic, Partition, Offset, ToEnd, Count, Format, AsJson, KeyDelimiter, Delimiter, Key, Headers, Codec, Lines,
        Nulls, Unbuffered, Files,
    ];

    /// <summary>The one topic that is meant.</summary>
    /// <exception cref="CliException">None is, or several are.</exception>
    public static string TheTopic(ParseResult parsed) => parsed.GetValue(Topic) is [var topic]
        ? topic
        : throw CliException.Usage("give one topic with -t TOPIC");

    /// <summary>An option without a value.</summary>
    public static Option<bool> Flag(string letter, string description) => new(letter) { Description = description };

    private static Option<T> Valued<T>(string letter, string placeholder, string description) =>
        new(letter) { Description = description, HelpName = placeholder };
}
