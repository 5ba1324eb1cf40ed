using System.CommandLine;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas topic delete</c></summary>
internal static class TopicDelete
{
    private static readonly Argument<string[]> Names = TopicCommand.Names();

    private static readonly Option<bool> IfExists = new("--if-exists")
    {
        Description = "do not mind a topic that does not exist",
    };

    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "only see whether they exist",
    };

    public static Command Make() => Leaf.Make(
        "delete", "delete topics and all their records", [Names, IfExists, DryRun], RunAsync).With(
        "barnabas topic delete orders payments --if-exists");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var session = await Session.OpenAsync(parsed, stop);
        var names = parsed.GetValue(Names)!;
        if (parsed.GetValue(DryRun))
            return await TryAsync(session, names, parsed, stop);
        var outcomes = new Outcomes("Topic");
        foreach (var result in await session.Client.Admin.DeleteTopicsAsync(names, stop))
        {
            var isAbsent = result.Failure?.Code == ErrorCode.UnknownTopicOrPartition;
            if (result.Failure is not { } failure)
                outcomes.Done("deleted", result.Name);
            else if (isAbsent && parsed.GetValue(IfExists))
                outcomes.Done("absent", result.Name);
            else if (isAbsent)
                outcomes.Failed(failure, (await session.AbsentAsync(result.Name, stop)).Message, result.Name);
            else
                outcomes.Failed(failure, null, result.Name);
        }

        return outcomes.Write(parsed);
    }

    private static async Task<int> TryAsync(Session session, string[] names, ParseResult parsed, CancellationToken stop)
    {
        var outcomes = new Outcomes("Topic");
        var absent = new KafkaException(ErrorCode.UnknownTopicOrPartition);
        var topics = await session.Client.Admin.DescribeTopicsAsync(names, stop);
        for (var i = 0; i < names.Length; i++)
        {
            if (topics[i] is not null)
                outcomes.Done("exists", names[i]);
            else if (parsed.GetValue(IfExists))
                outcomes.Done("absent", names[i]);
            else
                outcomes.Failed(absent, (await session.AbsentAsync(names[i], stop)).Message, names[i]);
        }

        return outcomes.Write(parsed);
    }
}
