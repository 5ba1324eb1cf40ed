using System.CommandLine;
using System.Text;
using Barnabas.Records;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas produce</c></summary>
internal static class ProduceCommand
{
    private static readonly Argument<string> Topic = new("topic") { Description = "the topic", HelpName = "TOPIC" };

    private static readonly Option<string?> Key = new("--key", "-k")
    {
        Description = "the key of every record",
        HelpName = "KEY",
    };

    private static readonly Option<string?> KeyDelimiter = new("--key-delimiter", "-K")
    {
        Description = "what stands between key and value in a line, such as ':' or '\\t'",
        HelpName = "DELIM",
    };

    private static readonly Option<string> Delimiter = new("--delimiter", "-D")
    {
        Description = "what ends a record (\\n)",
        HelpName = "DELIM",
        DefaultValueFactory = _ => "\\n",
    };

    private static readonly Option<string[]> Headers = new("--header", "-H")
    {
        Description = "a header of every record",
        HelpName = "K=V",
    };

    private static readonly Option<int?> Partition = new("--partition", "-p")
    {
        Description = "the partition of every record",
        HelpName = "N",
    };

    private static readonly Option<string?> Codec = new("--compression", "-z")
    {
        Description = "none, gzip, snappy, lz4 or zstd; with a level as zstd:9",
        HelpName = "CODEC",
    };

    private static readonly Option<string?> Acks = new("--acks")
    {
        Description = "who must have a record: all (default), 1 the leader, 0 nobody",
        HelpName = "N",
    };

    private static readonly Option<string?> TransactionalId = new("--transactional-id")
    {
        Description = "send all of it in one transaction, under this id: committed at the end of the input",
        HelpName = "ID",
    };

    private static readonly Option<string> Input = new("--input")
    {
        Description = "lines (default) or json: the lines that 'consume -o json' prints",
        HelpName = "KIND",
        DefaultValueFactory = _ => "lines",
    };

    private static readonly Option<string?> Format = new("--format", "-f")
    {
        Description = "how to read records, such as '%k %v\\n'",
        HelpName = "FORMAT",
    };

    private static readonly Option<bool> Tombstones = new("--tombstone", "-Z")
    {
        Description = "an empty value is a null: a tombstone",
    };

    public static Command Make() => Leaf.Make(
        "produce", "send the lines of standard input, or records in another form; -o tells how many they were",
        [Topic, Key, KeyDelimiter, Delimiter, Headers, Partition, Codec, Acks, TransactionalId, Input, Format,
            Tombstones],
        RunAsync).With(
        "echo hello | barnabas produce orders",
        "barnabas produce orders -K : < key-colon-value.txt",
        "barnabas produce orders --transactional-id import-7 < lines.txt",
        "barnabas produce orders -z zstd -H source=import < lines.txt",
        "barnabas produce orders -f '%V{big32}%v' < length-prefixed.bin");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var source = Source(parsed);
        await using var session = await Session.OpenAsync(parsed, stop);
        var topic = parsed.GetValue(Topic)!;
        await session.TopicAsync(topic, stop);
        if (!Console.IsInputRedirected)
            session.Say("reading from the terminal: a line is a record, Ctrl-D ends");
        var options = ProduceRun.Options(session, parsed.GetValue(Acks), parsed.GetValue(Codec));
        if (parsed.GetValue(TransactionalId) is { } id)
            options = options with { TransactionalId = id };
        var run = new ProduceRun(session, topic, options);
        return await run.RunAsync([(source, Console.OpenStandardInput())], stop);
    }

    private static RecordSource Source(ParseResult parsed)
    {
        var defaults = new RecordDefaults(
            parsed.GetValue(Key) is { } key ? Encoding.UTF8.GetBytes(key) : null,
            [.. (parsed.GetValue(Headers) ?? []).Select(KeyValue.Split)
                .Select(h => new RecordHeader(h.Key, Encoding.UTF8.GetBytes(h.Value)))],
            parsed.GetValue(Partition), parsed.GetValue(Tombstones));
        if (parsed.GetValue(Format) is { } format)
            return new FormatSource(defaults, format);
        return parsed.GetValue(Input) switch
        {
            "json" => new EnvelopeSource(defaults),
            "lines" => new LineSource(
                defaults, Escapes.Bytes(parsed.GetValue(Delimiter)!),
                parsed.GetValue(KeyDelimiter) is { } delimiter ? Escapes.Bytes(delimiter) : null),
            var other => throw CliException.Usage($"'{other}' is no input: lines or json"),
        };
    }
}
