using System.CommandLine;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas group import</c></summary>
internal static class GroupImport
{
    private static readonly Argument<string> File = new("file")
    {
        Description = "the CSV file, as 'group export' and kafka-consumer-groups write it; - for standard input",
        HelpName = "FILE",
    };

    private static readonly Option<string[]> Groups = new Option<string[]>("--group", "-g")
    {
        Description = "only this group, may be repeated; or the group of a file that names none",
        HelpName = "GROUP",
    }.CompletedBy(GroupCommand.Known);

    public static Command Make() => Leaf.Make(
        "import", "set groups' positions from a CSV file; shows what would come of it unless told to do it",
        [File, Groups, GroupReset.Execute, GroupReset.DryRun], RunAsync).With(
        "barnabas group import all.csv                                    what would come of it",
        "barnabas group import all.csv --execute",
        "barnabas group import positions.csv --group billing --execute    topic,partition,offset",
        "barnabas group export -b old:9092 | barnabas group import - -b new:9092 --execute");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var isDryRun = GroupReset.IsDryRun(parsed);
        var byGroup = ByGroup(PositionFile.Read(parsed.GetValue(File)!), parsed.GetValue(Groups) ?? []);
        await using var session = await Session.OpenAsync(parsed, stop);
        var plan = new PositionPlan(session, stop);
        var outcomes = new Outcomes("Group", "Topic", "Partition", "Current", "New", "Change");
        var inUse = new List<GroupDescription>();
        foreach (var (name, rows) in byGroup)
        {
            var changes = await plan.PlanAsync(name, rows.ToDictionary(r => r.Partition, r => r.Offset));
            if (await session.Client.Admin.DescribeGroupAsync(name, stop) is { IsEmpty: false } group)
            {
                inUse.Add(group);
                var refusal = new KafkaException(Base.ErrorCode.NonEmptyGroup);
                changes = changes.ConvertAll(c => c with { New = null, Refusal = refusal, Words = "" });
            }

            await plan.RunAsync(name, changes, outcomes, isDryRun, name);
        }

        var code = outcomes.Write(parsed);
        inUse.ForEach(group => Errors.Say(GroupCommand.InUse(group), ExitCode.Conflict));
        if (isDryRun)
            session.Say(GroupReset.NothingChanged);
        return code;
    }

    private static List<(string Group, List<StoredPosition> Rows)> ByGroup(
        List<StoredPosition> rows, string[] groups)
    {
        if (rows.Exists(r => r.Group is null) && groups.Distinct().Count() != 1)
            throw CliException.Usage("the file names no group: --group says which one is meant");
        var byGroup = rows.GroupBy(r => r.Group ?? groups[0], StringComparer.Ordinal)
            .Where(g => groups.Length == 0 || groups.Contains(g.Key)).Select(g => (g.Key, g.ToList())).ToList();
        return byGroup.Count > 0 ? byGroup : throw new CliException(
            ExitCode.NotFound, groups.Length == 0
                ? "the file has no positions"
                : $"the file has no positions of {string.Join(" or ", groups.Select(g => $"'{g}'"))}");
    }
}
