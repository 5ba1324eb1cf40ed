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

    public static Command Make() => Leaf.Make("delete", "delete topics and all their records", [Names, IfExists], RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var session = await Session.OpenAsync(parsed, stop);
        var failures = new List<KafkaException?>();
        foreach (var result in await session.Client.Admin.DeleteTopicsAsync(parsed.GetValue(Names)!, stop))
        {
            var isAbsent = result.Failure?.Code == ErrorCode.UnknownTopicOrPartition;
            var failure = isAbsent && parsed.GetValue(IfExists) ? null : result.Failure;
            failures.Add(failure);
            if (failure is null)
                session.Say($"{result.Name}: {(isAbsent ? "did not exist" : "deleted")}");
            else if (isAbsent)
                Errors.Say((await session.AbsentAsync(result.Name, stop)).Message, ExitCode.NotFound);
            else
                Errors.Say($"{result.Name}: {Errors.Words(failure)}", ExitCode.Failed);
        }

        return ExitCode.Of(failures);
    }
}
