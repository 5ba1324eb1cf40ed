using System.CommandLine;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas cat -C</c>: prints messages as kcat does.</summary>
internal static class CatConsume
{
    public static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var (from, until) = Range(parsed);
        await using var session = await Session.OpenAsync(parsed, stop);
        var topic = await session.TopicAsync(CatOptions.TheTopic(parsed), stop);
        var partitions = TopicCommand.Partitions(topic, parsed.GetValue(CatOptions.Partition)?.ToString()).ToList();
        var options = new ReaderOptions { PartitionMaxBytes = 4 * 1024 * 1024, OffsetReset = OffsetReset.Earliest }
            .With(session.Properties);
        using var to = new StdOut();
        await using var reader = session.Client.CreateRawReader(partitions.Select(p => (p, from)), options);
        var printer = new RecordPrinter(to, Style(parsed, topic));
        try
        {
            await printer.RunAsync(reader.ReadAllAsync(until, stop), parsed.GetValue(CatOptions.Count));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            to.Flush();
            return ExitCode.Interrupted;
        }

        if (parsed.GetValue(CatOptions.ToEnd) && parsed.GetValue(CatOptions.Count) is null)
            await SayEndsAsync(session, partitions, stop);
        return ExitCode.Ok;
    }

    /// <summary>Where to begin and to end: -o may say both.</summary>
    private static (OffsetSpec From, OffsetSpec? Until) Range(ParseResult parsed)
    {
        var from = OffsetSpec.Earliest;
        OffsetSpec? until = parsed.GetValue(CatOptions.ToEnd) ? OffsetSpec.Latest : null;
        foreach (var text in parsed.GetValue(CatOptions.Offset) ?? [])
        {
            var range = ConsumeRange.Parse(text, toEnd: false, DateTimeOffset.UtcNow);
            if (text.StartsWith("e@", StringComparison.Ordinal))
                until = range.Until;
            else if (range.Until is null)
                from = range.From;
            else
                throw CliException.Usage($"'{text}' is no offset: beginning, end, N, -N, s@MS or e@MS is");
        }

        return (from, until);
    }

    private static PrintStyle Style(ParseResult parsed, TopicView topic)
    {
        if (parsed.GetValue(CatOptions.AsJson))
            return new PrintStyle(PrintKind.Kcat) { Topic = topic };
        var nulls = parsed.GetValue(CatOptions.Nulls);
        if (parsed.GetValue(CatOptions.Format) is { } format)
            return new PrintStyle(PrintKind.Format, FormatString.Parse(CatFormat.Of(format, nulls)));
        var key = parsed.GetValue(CatOptions.KeyDelimiter) is { } between ? "%k" + CatFormat.Literal(between) : "";
        var end = CatFormat.Literal(parsed.GetValue(CatOptions.Delimiter) ?? "\\n");
        return new PrintStyle(PrintKind.Format, FormatString.Parse(CatFormat.Of($"{key}%s{end}", nulls)));
    }

    private static async Task SayEndsAsync(Session session, List<TopicPartition> partitions, CancellationToken stop)
    {
        var places = partitions.Select(p => (p, OffsetSpec.Latest));
        var ends = await session.Client.Admin.ListOffsetsAsync(places, stop: stop);
        foreach (var at in partitions)
        {
            var last = at == partitions[^1] ? ": exiting" : "";
            session.Say($"% Reached end of topic {at.Topic} [{at.Partition}] at offset {ends[at].Offset}{last}");
        }
    }
}
