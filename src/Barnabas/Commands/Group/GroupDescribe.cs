using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas group describe</c></summary>
internal static class GroupDescribe
{
    private static readonly Argument<string[]> Names = GroupCommand.Names(isRequired: false);

    public static Command Make() => Leaf.Make(
        "describe", "show what a group reads, how far it is, and who reads it", [Names], RunAsync).With(
        "barnabas group describe billing", "barnabas group describe billing -o json | jq .[0].members");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var session = await Session.OpenAsync(parsed, stop);
        var (groups, missing) = await GroupCommand.FindAsync(session, parsed.GetValue(Names), stop);
        var described = new List<Described>();
        foreach (var group in groups)
            described.Add(new(group, await session.Client.Admin.GetGroupLagAsync(group, stop)));
        if (groups.Count > 0 || missing == 0)
            Document.Write(parsed, () => ToJson(described), (to, isWide) => WriteText(to, described, isWide));
        return TopicCommand.Code(groups.Count, missing);
    }

    /// <summary>How far a group is, a row a partition.</summary>
    public static Table Partitions(GroupLag lag)
    {
        var table = new Table(
            "Topic", "Partition", "Committed", "End", "Lag", Column.Wide("LeaderEpoch"), Column.Wide("Metadata"),
            "Member", "Client", "Host");
        foreach (var p in lag.Partitions)
        {
            table.Add(
                p.Partition.Topic, p.Partition.Partition, p.Committed?.Offset.Value, p.End?.Value, p.Lag,
                p.Committed is { LeaderEpoch.Value: >= 0 and var epoch } ? epoch : null, p.Committed?.Metadata,
                p.Member?.MemberId, p.Member?.ClientId, p.Member?.Host);
        }

        return table;
    }

    private static void WriteText(StdOut to, List<Described> described, bool isWide)
    {
        foreach (var (group, lag) in described)
        {
            var epoch = group.Epoch is { } number ? $"  epoch={Text(number)}" : "";
            to.WriteLine(
                $"{group.GroupId}  type={group.Type}  state={group.State}{epoch}  "
                + $"assignor={Table.Text(group.Assignor)}  coordinator={group.Coordinator.Id}  "
                + $"members={Text(group.Members.Count)}  lag={Text(lag.Total)}");
            if (lag.Partitions.Count > 0)
                Partitions(lag).WriteText(to, isWide);
            if (group != described[^1].Group)
                to.WriteLine("");
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static JsonArray ToJson(List<Described> described) => new([.. described.Select(d => (JsonNode)new JsonObject
    {
        ["group"] = d.Group.GroupId,
        ["type"] = d.Group.Type,
        ["state"] = d.Group.State,
        ["protocol"] = d.Group.ProtocolType,
        ["assignor"] = d.Group.Assignor,
        ["epoch"] = Json.Node(d.Group.Epoch),
        ["coordinator"] = new JsonObject
        {
            ["broker"] = d.Group.Coordinator.Id.Value,
            ["host"] = d.Group.Coordinator.Host,
            ["port"] = d.Group.Coordinator.Port,
        },
        ["totalLag"] = d.Lag.Total,
        ["partitions"] = Partitions(d.Lag).ToJson(),
        ["members"] = GroupMembers.ToJson(d.Group.Members),
    })]);

    private sealed record Described(GroupDescription Group, GroupLag Lag);
}
