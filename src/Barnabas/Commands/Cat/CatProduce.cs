using System.CommandLine;
using System.Text;
using Barnabas.Records;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas cat -P</c>: sends stdin or files as kcat does.</summary>
internal static class CatProduce
{
    public static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var topic = CatOptions.TheTopic(parsed);
        var files = parsed.GetValue(CatOptions.Files) ?? [];
        if (files.FirstOrDefault(f => !File.Exists(f)) is { } absent)
            throw new CliException(ExitCode.NotFound, $"there is no file '{absent}'");
        await using var session = await Session.OpenAsync(parsed, stop, mayCreateTopics: true);
        await session.TopicAsync(topic, stop);
        var options = ProduceRun.Options(session, acks: null, parsed.GetValue(CatOptions.Codec));
        var run = new ProduceRun(session, topic, options)
        {
            Limit = parsed.GetValue(CatOptions.Count),
        };
        var lines = new LineSource(
            Defaults(parsed), Escapes.Bytes(parsed.GetValue(CatOptions.Delimiter) ?? "\\n"),
            parsed.GetValue(CatOptions.KeyDelimiter) is { } between ? Escapes.Bytes(between) : null);
        if (files.Length == 0)
            return await run.RunAsync([(lines, Console.OpenStandardInput())], stop);
        RecordSource source = parsed.GetValue(CatOptions.Lines) ? lines : new WholeSource(Defaults(parsed));
        return await run.RunAsync(files.Select(f => (source, (Stream)File.OpenRead(f))), stop);
    }

    private static RecordDefaults Defaults(ParseResult parsed) => new(
        parsed.GetValue(CatOptions.Key) is { } key ? Encoding.UTF8.GetBytes(key) : null,
        [.. (parsed.GetValue(CatOptions.Headers) ?? []).Select(Header)],
        parsed.GetValue(CatOptions.Partition) is >= 0 and var partition ? partition : null,
        parsed.GetValue(CatOptions.Nulls));

    // A header without an equals sign has no value.
    private static RecordHeader Header(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return at < 0 ? new(text, null) : new(text[..at], Encoding.UTF8.GetBytes(text[(at + 1)..]));
    }
}
