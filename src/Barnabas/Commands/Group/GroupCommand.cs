using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas group</c></summary>
internal static class GroupCommand
{
    public static Command Make() => Leaf.Group(
        "group", "list and describe groups, set, move and delete their positions",
        GroupList.Make(), GroupDescribe.Make(), GroupLagCommand.Make(), GroupMembers.Make(), GroupReset.Make(),
        GroupExport.Make(), GroupImport.Make(), GroupDelete.Make(), GroupDeleteOffsets.Make(),
        GroupRemoveMember.Make());

    /// <summary>One group.</summary>
    public static Argument<string> Name() => new Argument<string>("group")
    {
        Description = "the group's id",
        HelpName = "GROUP",
    }.CompletedBy(Known);

    /// <summary>One group or more.</summary>
    public static Argument<string[]> Names(bool isRequired = true) => new Argument<string[]>("group")
    {
        Description = isRequired ? "the groups' ids" : "the groups' ids (all groups)",
        HelpName = "GROUP",
        Arity = isRequired ? ArgumentArity.OneOrMore : ArgumentArity.ZeroOrMore,
    }.CompletedBy(Known);

    /// <summary>The groups there are, for a shell that completes a word; none when nobody answers at once.</summary>
    public static IEnumerable<string> Known(ParseResult parsed) => Completions.Ask(
        parsed, async (client, stop) => (await client.Admin.ListGroupsAsync(stop: stop)).Select(g => g.GroupId));

    /// <summary>The groups that are named, or all where none is.</summary>
    /// <returns>The groups there are, and how many are not; each of those has been told of on stderr.</returns>
    public static async Task<(List<GroupDescription> Groups, int Missing)> FindAsync(
        Session session, string[]? names, CancellationToken stop)
    {
        var isAll = names is not { Length: > 0 };
        var wanted = isAll
            ? (await session.Client.Admin.ListGroupsAsync(stop: stop)).Select(g => g.GroupId)
            : names!.Distinct();
        var (found, missing) = (new List<GroupDescription>(), 0);
        foreach (var name in wanted)
        {
            if (await session.Client.Admin.DescribeGroupAsync(name, stop) is { } group)
            {
                found.Add(group);
            }
            else if (!isAll)
            {
                Errors.Say((await AbsentAsync(session, name, stop)).Message, ExitCode.NotFound);
                missing++;
            }
        }

        return (found, missing);
    }

    /// <summary>A group that must exist.</summary>
    /// <exception cref="CliException">It does not; near names are suggested.</exception>
    public static async Task<GroupDescription> FindAsync(Session session, string name, CancellationToken stop) =>
        await session.Client.Admin.DescribeGroupAsync(name, stop) ?? throw await AbsentAsync(session, name, stop);

    /// <summary>The error of a group that does not exist.</summary>
    public static async Task<CliException> AbsentAsync(Session session, string name, CancellationToken stop)
    {
        var all = await session.Client.Admin.ListGroupsAsync(stop: stop);
        var hint = Suggestions.For(name, all.Select(g => g.GroupId));
        return new CliException(ExitCode.NotFound, $"group '{name}' does not exist{hint}");
    }

    /// <summary>Why nothing of a group can be changed while somebody is in it.</summary>
    public static string InUse(GroupDescription group)
    {
        var members = group.Members.Count == 1 ? "a member" : string.Create(
            CultureInfo.InvariantCulture, $"{group.Members.Count} members");
        return $"group '{group.GroupId}' is in use: it has {members}\n"
            + $"stop them first; see who they are with 'barnabas group members {group.GroupId}'";
    }

    /// <summary>Partitions as people read them: <c>orders:0,2 payments:1</c>.</summary>
    public static string Text(IEnumerable<TopicPartition> partitions) => string.Join(
        ' ', partitions.GroupBy(p => p.Topic, StringComparer.Ordinal)
            .Select(t => $"{t.Key}:{Table.Text(t.Select(p => p.Partition))}"));

    /// <summary>Partitions as programs read them.</summary>
    public static JsonArray ToJson(IEnumerable<TopicPartition> partitions) => new(
        [.. partitions.GroupBy(p => p.Topic, StringComparer.Ordinal).Select(t => (JsonNode)new JsonObject
        {
            ["topic"] = t.Key,
            ["partitions"] = Json.Node(t.Select(p => p.Partition)),
        })]);
}
