using System.CommandLine;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas group remove-member</c></summary>
internal static class GroupRemoveMember
{
    private static readonly Argument<string> Name = GroupCommand.Name();

    private static readonly Option<string[]> Members = new("--member")
    {
        Description = "the member of this id; may be repeated",
        HelpName = "ID",
    };

    private static readonly Option<string[]> Instances = new("--instance")
    {
        Description = "the static member of this group.instance.id; may be repeated",
        HelpName = "ID",
    };

    private static readonly Option<bool> All = new("--all")
    {
        Description = "everybody there is",
    };

    private static readonly Option<string?> Reason = new("--reason")
    {
        Description = "why, for the broker's log",
        HelpName = "TEXT",
    };

    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "only show who would go",
    };

    public static Command Make() => Leaf.Make(
        "remove-member", "take members out of a group, static ones that will not come back above all",
        [Name, Members, Instances, All, Reason, DryRun], RunAsync).With(
        "barnabas group remove-member billing --instance worker-7",
        "barnabas group remove-member billing --all --reason 'moving house'");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var named = (parsed.GetValue(Members) ?? []).Select(id => (Id: id, Instance: (string?)null))
            .Concat((parsed.GetValue(Instances) ?? []).Select(id => (Id: "", Instance: (string?)id)))
            .Distinct().ToList();
        if (named.Count == 0 != parsed.GetValue(All))
            throw CliException.Usage("who shall go? give --member or --instance, or --all alone");
        await using var session = await Session.OpenAsync(parsed, stop);
        var group = await GroupCommand.FindAsync(session, parsed.GetValue(Name)!, stop);
        if (parsed.GetValue(All))
            named = [.. group.Members.Select(m => m.InstanceId is null ? (m.MemberId, null) : ("", m.InstanceId))];
        var results = parsed.GetValue(DryRun)
            ? named.ConvertAll(n => Try(group, n))
            : named.Count == 0 ? [] : await session.Client.Admin.RemoveMembersAsync(
                group.GroupId, named, parsed.GetValue(Reason) ?? "removed by barnabas group remove-member", stop);
        var outcomes = new Outcomes("Member", "Instance", "Client");
        foreach (var (id, instance, failure) in results)
        {
            var member = Find(group, (id, instance));
            object?[] cells = [id.Length > 0 ? id : member?.MemberId, instance, member?.ClientId];
            if (failure is null)
                outcomes.Done(parsed.GetValue(DryRun) ? "valid" : "removed", cells);
            else
                outcomes.Failed(failure, Explain(group.GroupId, instance ?? id, failure), cells);
        }

        return outcomes.Write(parsed);
    }

    private static GroupMember? Find(GroupDescription group, (string Id, string? Instance) wanted) =>
        group.Members.FirstOrDefault(m => wanted.Instance is null
            ? m.MemberId == wanted.Id
            : m.InstanceId == wanted.Instance);

    private static RemovedMember Try(GroupDescription group, (string Id, string? Instance) wanted) => new(
        wanted.Id, wanted.Instance,
        Find(group, wanted) is null ? new KafkaException(ErrorCode.UnknownMemberId) : null);

    private static string Explain(string group, string name, KafkaException failure) =>
        failure.Code == ErrorCode.UnknownMemberId
            ? $"group '{group}' has no member '{name}'\nsee who is in it with 'barnabas group members {group} -o wide'"
            : $"{name}: {Errors.Words(failure)}";
}
