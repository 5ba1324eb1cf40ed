using System.CommandLine;
using Barnabas.Base;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas group reset</c></summary>
internal static class GroupReset
{
    private static readonly Argument<string> Name = GroupCommand.Name();

    private static readonly Option<string[]> Topics = TopicScope.Option(
        "only this topic, or some of its partitions, as orders:0,3; may be repeated (all the group has positions in)");

    private static readonly Option<bool> Create = new("--create")
    {
        Description = "begin the group if there is none of this id",
    };

    // It is what happens without --topic.
    private static readonly Option<bool> AllTopics = new("--all-topics") { Hidden = true };

    /// <summary>Whether to do it.</summary>
    public static Option<bool> Execute { get; } = new("--execute")
    {
        Description = "do it; else it is only shown",
    };

    /// <summary>Whether only to show it, as without a word.</summary>
    public static Option<bool> DryRun { get; } = new("--dry-run")
    {
        Description = "only show it, as without --execute",
    };

    public static Command Make() => Leaf.Make(
        "reset", "set the positions of a group that nobody is in; shows what would come of it unless told to do it",
        [Name, Topics, .. ResetTarget.Options, Create, AllTopics, Execute, DryRun], RunAsync).With(
        "barnabas group reset billing --to earliest                        what would come of it",
        "barnabas group reset billing --topic orders --to @2026-11-01T00:00 --execute",
        "barnabas group reset billing --topic orders:0,3 --shift-by -100 --execute",
        "barnabas group reset billing --to @1h --execute                   what came in the last hour, again",
        "barnabas group reset replay --create --topic orders --to earliest --execute",
        "barnabas group reset billing --from-file positions.csv --execute");

    /// <summary>Whether it is only to be shown.</summary>
    /// <exception cref="CliException">It is to be shown only, and done.</exception>
    public static bool IsDryRun(ParseResult parsed) => parsed.GetValue(Execute) && parsed.GetValue(DryRun)
        ? throw CliException.Usage("give --execute or --dry-run, but not both")
        : !parsed.GetValue(Execute);

    /// <summary>What is said after a dry run.</summary>
    public const string NothingChanged = "dry run: nothing was changed; --execute does it";

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var target = ResetTarget.Parse(parsed, DateTimeOffset.UtcNow);
        var scopes = TopicScope.Parse(parsed.GetValue(Topics));
        var (name, isDryRun) = (parsed.GetValue(Name)!, IsDryRun(parsed));
        var rows = target.File is { } file ? PositionFile.Read(file) : [];
        await using var session = await Session.OpenAsync(parsed, stop);
        var group = await session.Client.Admin.DescribeGroupAsync(name, stop);
        if (group is null && !parsed.GetValue(Create))
        {
            var absent = await GroupCommand.AbsentAsync(session, name, stop);
            throw new CliException(absent.Code, $"{absent.Message}\n--create begins it");
        }

        if (group is { IsEmpty: false } && !isDryRun)
            throw new CliException(ExitCode.Conflict, GroupCommand.InUse(group));
        var plan = new PositionPlan(session, stop);
        var changes = target.File is not null
            ? await plan.PlanAsync(name, Chosen(rows, name, scopes))
            : await plan.PlanAsync(name, await PartitionsAsync(session, name, scopes, stop), target);
        var outcomes = new Outcomes("Topic", "Partition", "Current", "New", "Change");
        await plan.RunAsync(name, changes, outcomes, isDryRun);
        var code = outcomes.Write(parsed);
        if (group is { IsEmpty: false })
            return Errors.Say(GroupCommand.InUse(group), ExitCode.Conflict);
        if (isDryRun)
            session.Say(NothingChanged);
        return code;
    }

    /// <summary>The positions of a file that are meant: those of the group, or all where the file names
    /// none.</summary>
    private static Dictionary<TopicPartition, Offset> Chosen(
        List<StoredPosition> rows, string group, List<TopicScope> scopes)
    {
        var chosen = rows.Where(r => r.Group is null || r.Group == group)
            .Where(r => scopes.Count == 0 || scopes.Exists(s => s.Holds(r.Partition)))
            .ToDictionary(r => r.Partition, r => r.Offset);
        return chosen.Count > 0 ? chosen : throw new CliException(
            ExitCode.NotFound, $"the file has no position of group '{group}' that is meant");
    }

    private static async Task<List<TopicPartition>> PartitionsAsync(
        Session session, string group, List<TopicScope> scopes, CancellationToken stop)
    {
        var partitions = new List<TopicPartition>();
        foreach (var scope in scopes)
            partitions.AddRange(TopicCommand.Partitions(await session.TopicAsync(scope.Topic, stop), scope.List));
        if (scopes.Count > 0)
            return [.. partitions.Distinct()];
        partitions.AddRange((await session.Client.Admin.GetGroupOffsetsAsync(group, stop: stop)).Keys);
        return partitions.Count > 0 ? partitions : throw new CliException(
            ExitCode.NotFound, $"group '{group}' has no positions yet: --topic says where it shall get some");
    }
}
