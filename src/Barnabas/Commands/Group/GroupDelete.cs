using System.CommandLine;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas group delete</c></summary>
internal static class GroupDelete
{
    private static readonly Argument<string[]> Names = GroupCommand.Names();

    private static readonly Option<bool> IfExists = new("--if-exists")
    {
        Description = "do not mind a group that does not exist",
    };

    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "only see whether they could be deleted",
    };

    public static Command Make() => Leaf.Make(
        "delete", "delete groups that nobody is in, and all their positions", [Names, IfExists, DryRun], RunAsync).With(
        "barnabas group delete billing", "barnabas group delete billing audit --if-exists");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var session = await Session.OpenAsync(parsed, stop);
        var names = parsed.GetValue(Names)!.Distinct().ToList();
        var isDryRun = parsed.GetValue(DryRun);
        var results = isDryRun
            ? await TryAsync(session.Client.Admin, names, stop)
            : await session.Client.Admin.DeleteGroupsAsync(names, stop);
        var outcomes = new Outcomes("Group");
        foreach (var (name, failure) in results)
        {
            if (failure is null)
                outcomes.Done(isDryRun ? "valid" : "deleted", name);
            else if (failure.Code != ErrorCode.GroupIdNotFound)
                outcomes.Failed(failure, await ExplainAsync(session, name, failure, stop), name);
            else if (parsed.GetValue(IfExists))
                outcomes.Done("absent", name);
            else
                outcomes.Failed(failure, (await GroupCommand.AbsentAsync(session, name, stop)).Message, name);
        }

        return outcomes.Write(parsed);
    }

    private static async Task<IReadOnlyList<GroupResult>> TryAsync(
        Admin admin, List<string> names, CancellationToken stop)
    {
        var results = new List<GroupResult>();
        foreach (var name in names)
        {
            ErrorCode? code = await admin.DescribeGroupAsync(name, stop) switch
            {
                null => ErrorCode.GroupIdNotFound,
                { IsEmpty: true } => null,
                _ => ErrorCode.NonEmptyGroup,
            };
            results.Add(new(name, code is { } failure ? new KafkaException(failure) : null));
        }

        return results;
    }

    private static async Task<string?> ExplainAsync(
        Session session, string name, KafkaException failure, CancellationToken stop) =>
        failure.Code == ErrorCode.NonEmptyGroup
            && await session.Client.Admin.DescribeGroupAsync(name, stop) is { IsEmpty: false } group
            ? GroupCommand.InUse(group)
            : null;
}
