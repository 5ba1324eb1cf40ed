using System.CommandLine;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas consume</c></summary>
internal static class ConsumeCommand
{
    private const string Wide = "%d\\t%t-%p\\t%o\\t%k\\t%s\\n";
    private const string Place = "%t-%p@%o\\n";

    private static readonly Argument<string[]> Topics = TopicCommand.Names();

    private static readonly Option<string[]> From = new("--offset", "-o")
    {
        Description = "where to begin: earliest, latest, N, -N, @TIME, A:B; or an output as --output",
        HelpName = "WHERE",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string?> Output = new("--output")
    {
        Description = "table (values), wide, json and jsonl (a line a record, nothing lost), yaml, name",
        HelpName = "KIND",
    };

    private static readonly Option<bool> FromBeginning = new("--from-beginning") { Hidden = true };

    private static readonly Option<bool> ToEnd = new("--exit-at-end", "-e")
    {
        Description = "end when the end is reached, as it is now",
    };

    private static readonly Option<long?> Count = new("--max-messages", "-n")
    {
        Description = "end after N records",
        HelpName = "N",
    };

    private static readonly Option<string?> Partitions = new("--partitions", "-p", "--partition")
    {
        Description = "only these partitions, as 0,3",
        HelpName = "LIST",
    };

    private static readonly Option<string?> Group = new Option<string?>("--group", "-g")
    {
        Description = "as a member of this group, which shares the partitions out and begins where it has come to",
        HelpName = "GROUP",
    }.CompletedBy(GroupCommand.Known);

    private static readonly Option<bool> Commit = new("--commit")
    {
        Description = "with -g, commit the group's position behind what was printed",
    };

    private static readonly Option<string?> Format = new("--format", "-f")
    {
        Description = "how to print a record, such as '%o %k=%s\\n'",
        HelpName = "FORMAT",
    };

    private static readonly Option<string?> Print = new("--print")
    {
        Description = "what to print before the value: timestamp,topic,partition,offset,headers,key",
        HelpName = "LIST",
    };

    private static readonly Option<string?> Isolation = new("--isolation", "--isolation-level")
    {
        Description = "read_committed (default) or read_uncommitted",
        HelpName = "LEVEL",
    };

    public static Command Make() => Leaf.Make(
        "consume", "print records, and follow what comes",
        [Topics, From, ToEnd, Count, Partitions, Group, Commit, Format, Print, Output, Isolation, FromBeginning],
        RunAsync).With(
        "barnabas consume orders                       everything, then follow",
        "barnabas consume orders -o -5 -e              the last five of each partition",
        "barnabas consume orders -o @1h:@now           the last hour",
        "barnabas consume orders -f '%T %k %s\\n'       timestamp, key, value",
        "barnabas consume orders -o json -e | barnabas produce copy --input json",
        "barnabas consume orders -g billing --commit   as a member of a group");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var given = parsed.GetValue(From) ?? [];
        var kind = given.Concat(parsed.GetValue(Output) is { } o ? [o] : []).LastOrDefault(IsOutput);
        if (parsed.GetValue(Output) is { } output && !IsOutput(output))
            throw CliException.Usage($"'{output}' is no output: table, wide, json, jsonl, yaml or name");
        var place = parsed.GetValue(FromBeginning) ? "earliest" : given.LastOrDefault(g => !IsOutput(g));
        var range = ConsumeRange.Parse(place ?? "earliest", parsed.GetValue(ToEnd), DateTimeOffset.UtcNow);
        var membership = Membership(parsed, place is null ? null : range);
        await using var session = await Session.OpenAsync(parsed, stop);
        using var to = new StdOut();
        var printer = new RecordPrinter(to, Printed(parsed, kind));
        try
        {
            if (membership is not null)
                await membership.RunAsync(session, ReadOptions(parsed, session), printer, stop);
            else
                await ReadAsync(session, parsed, range, printer, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            to.Flush();
            return ExitCode.Interrupted;
        }

        if (session.IsVerbose)
            session.Say($"{printer.Records} records, {printer.Bytes} bytes of keys and values");
        return ExitCode.Ok;
    }

    /// <summary>How a group is read; null when none is.</summary>
    /// <exception cref="CliException">Something was asked for that the group decides.</exception>
    private static GroupConsumption? Membership(ParseResult parsed, ConsumeRange? range)
    {
        if (parsed.GetValue(Group) is not { } group)
        {
            return parsed.GetValue(Commit)
                ? throw CliException.Usage("--commit stores a group's position: say which group with -g")
                : null;
        }

        if (parsed.GetValue(Partitions) is not null)
            throw CliException.Usage("a group shares its partitions out: -p does not go with -g");
        if (parsed.GetValue(ToEnd) || range is { Until: not null })
            throw CliException.Usage("a group has no end: end with -n N, or Ctrl-C");
        if (range is not null && range.From != OffsetSpec.Earliest && range.From != OffsetSpec.Latest)
        {
            throw CliException.Usage(
                "a group begins where it has come to, and -o earliest or latest is for when that is nowhere\n"
                + $"set its position with 'barnabas group reset {group}'");
        }

        OffsetReset? reset = range is null ? null
            : range.From == OffsetSpec.Latest ? OffsetReset.Latest : OffsetReset.Earliest;
        var topics = parsed.GetValue(Topics)!.Distinct();
        return new(group, [.. topics], reset, parsed.GetValue(Commit), parsed.GetValue(Count));
    }

    private static async Task ReadAsync(
        Session session, ParseResult parsed, ConsumeRange range, RecordPrinter printer, CancellationToken stop)
    {
        var assigned = await AssignAsync(session, parsed, range, stop);
        await using var reader = session.Client.CreateRawReader(assigned, ReadOptions(parsed, session));
        await printer.RunAsync(reader.ReadAllAsync(range.Until, stop), parsed.GetValue(Count));
    }

    private static bool IsOutput(string text) => text is "table" or "wide" or "json" or "jsonl" or "yaml" or "name";

    private static async Task<List<(Base.TopicPartition, OffsetSpec)>> AssignAsync(
        Session session, ParseResult parsed, ConsumeRange range, CancellationToken stop)
    {
        var wanted = parsed.GetValue(Partitions)?.Split(',').Select(Index).ToList();
        var assigned = new List<(Base.TopicPartition, OffsetSpec)>();
        foreach (var name in parsed.GetValue(Topics)!.Distinct())
        {
            var topic = await session.TopicAsync(name, stop);
            foreach (var index in wanted ?? [.. Enumerable.Range(0, topic.Partitions.Count)])
            {
                if (index >= topic.Partitions.Count)
                {
                    throw new CliException(
                        ExitCode.NotFound,
                        $"topic '{name}' has {topic.Partitions.Count} partitions, none with index {index}");
                }

                assigned.Add((new(name, index), range.From));
            }
        }

        return assigned;
    }

    private static int Index(string text) => int.TryParse(text, out var index) && index >= 0
        ? index
        : throw CliException.Usage($"'{text}' is no partition");

    private static ReaderOptions ReadOptions(ParseResult parsed, Session session)
    {
        var options = new ReaderOptions { PartitionMaxBytes = 4 * 1024 * 1024, OffsetReset = OffsetReset.Earliest }
            .With(session.Properties);
        return parsed.GetValue(Isolation) switch
        {
            null => options,
            "read_committed" => options with { Isolation = IsolationLevel.ReadCommitted },
            "read_uncommitted" => options with { Isolation = IsolationLevel.ReadUncommitted },
            var other => throw CliException.Usage($"'{other}' is no isolation: read_committed or read_uncommitted"),
        };
    }

    private static PrintStyle Printed(ParseResult parsed, string? kind)
    {
        if (kind is "json" or "jsonl")
            return new PrintStyle(PrintKind.Json);
        if (kind is "yaml")
            return new PrintStyle(PrintKind.Yaml);
        if (kind is "wide" or "name")
            return new PrintStyle(PrintKind.Format, FormatString.Parse(kind == "wide" ? Wide : Place));
        if (parsed.GetValue(Format) is { } format)
            return new PrintStyle(PrintKind.Format, FormatString.Parse(format));
        if (parsed.GetValue(Print) is not { } list)
            return new PrintStyle(PrintKind.Values);
        var fields = list.Split(',').Select(field => field.Trim() switch
        {
            "timestamp" => "%d",
            "topic" => "%t",
            "partition" => "%p",
            "offset" => "%o",
            "headers" => "%h",
            "key" => "%k",
            "value" => null,
            var other => throw CliException.Usage(
                $"'{other}' cannot be printed: timestamp,topic,partition,offset,headers,key"),
        });
        var before = string.Concat(fields.Where(f => f is not null).Select(f => f + "\\t"));
        return new PrintStyle(PrintKind.Format, FormatString.Parse(before + "%s\\n"));
    }
}
