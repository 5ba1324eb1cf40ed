using System.CommandLine;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas group list</c></summary>
internal static class GroupList
{
    private static readonly string[] KnownStates =
    [
        "Stable", "Empty", "PreparingRebalance", "CompletingRebalance", "Assigning", "Reconciling", "NotReady", "Dead",
    ];

    private static readonly string[] KnownTypes = ["classic", "consumer", "share", "streams"];

    private static readonly Option<string[]> States = new Option<string[]>("--state")
    {
        Description = "only groups in this state, such as Stable or Empty; may be repeated",
        HelpName = "STATE",
    }.CompletedBy(_ => KnownStates);

    private static readonly Option<string[]> Types = new Option<string[]>("--type")
    {
        Description = "only groups of this type: classic, consumer, share or streams; may be repeated",
        HelpName = "TYPE",
    }.CompletedBy(_ => KnownTypes);

    public static Command Make() => Leaf.Make("list", "list the groups", [States, Types], RunAsync).With(
        "barnabas group list", "barnabas group list --state Empty -o name | xargs barnabas group delete",
        "barnabas group list --type consumer -o json");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var states = Checked("state", parsed.GetValue(States), KnownStates);
        var types = Checked("type", parsed.GetValue(Types), KnownTypes);
        await using var session = await Session.OpenAsync(parsed, stop);
        var table = new Table("Group", "Type", "State", Column.Wide("Protocol"), Column.Wide("Coordinator"));
        foreach (var group in await session.Client.Admin.ListGroupsAsync(states, types, stop))
            table.Add(group.GroupId, group.Type, group.State, group.ProtocolType, group.Coordinator.Value);
        Document.Write(parsed, table);
        return ExitCode.Ok;
    }

    /// <summary>Names as brokers spell them; they may be typed in any case, and several with commas.</summary>
    private static List<string> Checked(string what, string[]? given, string[] known) =>
        [.. (given ?? []).SelectMany(g => g.Split(',', StringSplitOptions.TrimEntries)).Select(
            g => known.FirstOrDefault(k => k.Equals(g, StringComparison.OrdinalIgnoreCase))
                ?? throw CliException.Usage($"'{g}' is no {what} of groups: there are {string.Join(", ", known)}"))];
}
