using System.CommandLine;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas topic list</c></summary>
internal static class TopicList
{
    private static readonly Option<OutputKind> Output = GlobalOptions.Output();

    private static readonly Option<bool> Internal = new("--internal")
    {
        Description = "with the topics of Kafka's own",
    };

    public static Command Make() => Leaf.Make("list", "list the topics", [Internal, Output], RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var session = await Session.OpenAsync(parsed, stop);
        var table = new Table("Topic", "Partitions", "Replicas", "Id");
        foreach (var topic in await session.Client.Admin.ListTopicsAsync(stop))
        {
            if (topic.IsInternal && !parsed.GetValue(Internal))
                continue;
            table.Add(
                topic.Name, topic.Partitions.Count, topic.Partitions.Select(p => p.Replicas.Count).FirstOrDefault(),
                topic.Id.ToString());
        }

        using var to = new StdOut();
        table.Write(to, parsed.GetValue(Output));
        return ExitCode.Ok;
    }
}
