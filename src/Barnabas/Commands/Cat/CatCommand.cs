using System.CommandLine;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas cat</c>: what kcat does, with kcat's letters and kcat's output.</summary>
internal static class CatCommand
{
    private static readonly Option<bool> Consume = CatOptions.Flag("-C", "consume; the mode when stdin is a terminal");
    private static readonly Option<bool> Produce = CatOptions.Flag("-P", "produce stdin or files; the mode otherwise");
    private static readonly Option<bool> List = CatOptions.Flag("-L", "list brokers, topics and partitions");
    private static readonly Option<bool> Query = CatOptions.Flag("-Q", "query offsets by time: -t TOPIC:PARTITION:MS");

    public static Command Make()
    {
        var modes = new[] { Consume, Produce, List, Query };
        var command = Leaf.Plain(
            "cat", "do what kcat does, by kcat's letters: -C -P -L -Q", [.. modes, .. CatOptions.All], RunAsync);
        command.Validators.Add(result =>
        {
            if (modes.Count(result.GetValue) > 1)
                result.AddError("-C, -P, -L and -Q are modes: give one");
        });
        return command.With(
            "barnabas cat -L", "barnabas cat -P -t orders -K : lines.txt -l",
            "barnabas cat -C -t orders -o beginning -e -f '%k=%s\\n'",
            "barnabas cat -C -t orders -J -e", "barnabas cat -Q -t orders:0:-1");
    }

    private static Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        if (parsed.GetValue(List))
            return CatList.RunAsync(parsed, stop);
        if (parsed.GetValue(Query))
            return CatQuery.RunAsync(parsed, stop);
        var consumes = parsed.GetValue(Consume) || (!parsed.GetValue(Produce) && !Console.IsInputRedirected);
        return consumes ? CatConsume.RunAsync(parsed, stop) : CatProduce.RunAsync(parsed, stop);
    }
}
