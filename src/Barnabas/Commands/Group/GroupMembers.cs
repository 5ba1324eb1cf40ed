using System.CommandLine;
using System.Text.Json.Nodes;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas group members</c></summary>
internal static class GroupMembers
{
    private static readonly Argument<string> Name = GroupCommand.Name();

    public static Command Make() => Leaf.Make(
        "members", "show who is in a group, and which partitions each has", [Name], RunAsync).With(
        "barnabas group members billing", "barnabas group members billing -o wide");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var session = await Session.OpenAsync(parsed, stop);
        var group = await GroupCommand.FindAsync(session, parsed.GetValue(Name)!, stop);
        Document.Write(parsed, () => ToJson(group.Members), ToTable(group.Members).WriteText);
        return ExitCode.Ok;
    }

    /// <summary>Members as programs read them.</summary>
    public static JsonArray ToJson(IEnumerable<GroupMember> members) =>
        new([.. members.Select(m => (JsonNode)new JsonObject
        {
            ["member"] = m.MemberId,
            ["instance"] = m.InstanceId,
            ["client"] = m.ClientId,
            ["host"] = m.Host,
            ["epoch"] = Json.Node(m.Epoch),
            ["assignment"] = GroupCommand.ToJson(m.Assignment),
            ["target"] = m.Target is { } target ? GroupCommand.ToJson(target) : null,
        })]);

    private static Table ToTable(IEnumerable<GroupMember> members)
    {
        var table = new Table(
            "Member", Column.Wide("Instance"), "Client", "Host", Column.Wide("Epoch"), "Partitions", "Assignment",
            Column.Wide("Target"));
        foreach (var m in members)
        {
            table.Add(
                m.MemberId, m.InstanceId, m.ClientId, m.Host, m.Epoch, m.Assignment.Count,
                GroupCommand.Text(m.Assignment), m.Target is { } target ? GroupCommand.Text(target) : null);
        }

        return table;
    }
}
