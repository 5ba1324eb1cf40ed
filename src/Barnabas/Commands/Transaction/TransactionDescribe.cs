using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas transaction describe</c></summary>
internal static class TransactionDescribe
{
    private static readonly Argument<string[]> Names = TransactionCommand.Names();

    public static Command Make() => Leaf.Make(
        "describe", "show where a transaction stands, for how long, and which partitions it has", [Names], RunAsync)
        .With(
            "barnabas transaction describe etl-1",
            "barnabas transaction describe etl-1 -o json | jq .[0].partitions");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var session = await Session.OpenAsync(parsed, stop);
        var (found, missing) = (new List<TransactionDescription>(), 0);
        foreach (var id in parsed.GetValue(Names)!.Distinct())
        {
            if (await session.Client.Admin.DescribeTransactionAsync(id, stop) is { } described)
            {
                found.Add(described);
                continue;
            }

            Errors.Say((await TransactionCommand.AbsentAsync(session, id, stop)).Message, ExitCode.NotFound);
            missing++;
        }

        if (found.Count > 0)
            Document.Write(parsed, () => ToJson(found), (to, _) => WriteText(to, found));
        return TopicCommand.Code(found.Count, missing);
    }

    private static void WriteText(StdOut to, List<TransactionDescription> found)
    {
        foreach (var one in found)
        {
            var open = TransactionCommand.Age(one.StartedAtMs) is { } age
                ? $"  started={Times.Text(one.StartedAtMs!.Value)}  open={age}"
                : "";
            to.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{one.TransactionalId}  state={one.State}  producer={one.Id.Value}  epoch={one.Epoch}  "
                + $"timeout={Durations.Text(one.Timeout)}{open}  coordinator={one.Coordinator.Value}"));
            if (one.Partitions.Count > 0)
                Partitions(one).WriteText(to, isWide: false);
            if (one != found[^1])
                to.WriteLine("");
        }
    }

    private static Table Partitions(TransactionDescription one)
    {
        var table = new Table("Topic", "Partition");
        foreach (var partition in one.Partitions)
            table.Add(partition.Topic, partition.Partition);
        return table;
    }

    private static JsonArray ToJson(List<TransactionDescription> found) => new([.. found.Select(
        one => (JsonNode)new JsonObject
        {
            ["transactionalId"] = one.TransactionalId,
            ["state"] = one.State,
            ["producer"] = one.Id.Value,
            ["epoch"] = one.Epoch,
            ["timeoutMs"] = (long)one.Timeout.TotalMilliseconds,
            ["startedAt"] = one.StartedAtMs is { } at ? Times.Text(at) : null,
            ["coordinator"] = one.Coordinator.Value,
            ["partitions"] = GroupCommand.ToJson(one.Partitions),
        })]);
}
