using System.CommandLine;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas transaction forget</c></summary>
internal static class TransactionForget
{
    private static readonly Argument<string[]> Names = TransactionCommand.Names();

    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "only show where they stand",
    };

    public static Command Make() => Leaf.Make(
        "forget", "abort what is open under transactional ids, and fence their producers", [Names, DryRun], RunAsync)
        .With("barnabas transaction forget etl-1                       its producer can write no more");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var session = await Session.OpenAsync(parsed, stop);
        var outcomes = new Outcomes("TransactionalId", "State");
        foreach (var id in parsed.GetValue(Names)!.Distinct())
        {
            if (await session.Client.Admin.DescribeTransactionAsync(id, stop) is not { } described)
            {
                var absent = await TransactionCommand.AbsentAsync(session, id, stop);
                outcomes.Failed(new KafkaException(ErrorCode.TransactionalIdNotFound), absent.Message, id, null);
            }
            else if (parsed.GetValue(DryRun))
            {
                outcomes.Done("valid", id, described.State);
            }
            else
            {
                var result = await session.Client.Admin.TerminateTransactionsAsync([id], stop);
                if (result[0].Failure is { } failure)
                    outcomes.Failed(failure, null, id, described.State);
                else
                    outcomes.Done("forgotten", id, described.State);
            }
        }

        return outcomes.Write(parsed);
    }
}
