using System.CommandLine;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas topic list</c></summary>
internal static class TopicList
{
    private static readonly Option<bool> Internal = new("--internal")
    {
        Description = "with the topics of Kafka's own",
    };

    public static Command Make() => Leaf.Make("list", "list the topics", [Internal], RunAsync).With(
        "barnabas topic list -o name | xargs barnabas topic describe");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var session = await Session.OpenAsync(parsed, stop);
        var table = new Table("Topic", "Partitions", "Replicas", Column.Wide("Id"), Column.Wide("Internal"));
        foreach (var topic in await session.Client.Admin.ListTopicsAsync(stop))
        {
            if (topic.IsInternal && !parsed.GetValue(Internal))
                continue;
            table.Add(
                topic.Name, topic.Partitions.Count, topic.Partitions.Select(p => p.Replicas.Count).FirstOrDefault(),
                topic.Id.ToString(), topic.IsInternal);
        }

        Document.Write(parsed, table);
        return ExitCode.Ok;
    }
}
