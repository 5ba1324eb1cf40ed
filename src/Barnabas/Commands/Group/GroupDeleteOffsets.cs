using System.CommandLine;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas group delete-offsets</c></summary>
internal static class GroupDeleteOffsets
{
    private static readonly Argument<string> Name = GroupCommand.Name();

    private static readonly Option<string[]> Topics = TopicScope.Option(
        "the topic whose positions go, or some of its partitions, as orders:0,3; may be repeated", isRequired: true);

    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "only show which positions would go",
    };

    public static Command Make() => Leaf.Make(
        "delete-offsets", "delete a group's positions in topics that nobody in it reads", [Name, Topics, DryRun],
        RunAsync).With(
        "barnabas group delete-offsets billing --topic orders",
        "barnabas group delete-offsets billing --topic orders:0,3 --dry-run");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var scopes = TopicScope.Parse(parsed.GetValue(Topics));
        await using var session = await Session.OpenAsync(parsed, stop);
        var admin = session.Client.Admin;
        var group = await GroupCommand.FindAsync(session, parsed.GetValue(Name)!, stop);
        var stored = await admin.GetGroupOffsetsAsync(group.GroupId, stop: stop);
        var partitions = scopes.SelectMany(s => Stored(group.GroupId, s, stored.Keys)).Distinct().Order().ToList();
        var results = parsed.GetValue(DryRun)
            ? Try(group, partitions)
            : await admin.DeleteGroupOffsetsAsync(group.GroupId, partitions, stop);
        var outcomes = new Outcomes("Topic", "Partition", "Committed");
        foreach (var (partition, failure) in results)
        {
            object?[] cells = [partition.Topic, partition.Partition, stored[partition].Offset.Value];
            if (failure is null)
                outcomes.Done(parsed.GetValue(DryRun) ? "valid" : "deleted", cells);
            else
                outcomes.Failed(failure, Explain(group.GroupId, partition, failure), cells);
        }

        return outcomes.Write(parsed);
    }

    private static List<TopicPartition> Stored(
        string group, TopicScope scope, IEnumerable<TopicPartition> stored)
    {
        var found = stored.Where(scope.Holds).ToList();
        return found.Count > 0 ? found : throw new CliException(
            ExitCode.NotFound, $"group '{group}' has no position in {scope}"
            + Suggestions.For(scope.Topic, stored.Select(p => p.Topic).Distinct().Where(t => t != scope.Topic)));
    }

    // Subscriptions are not told; what is read can be.
    private static List<PartitionResult> Try(GroupDescription group, List<TopicPartition> partitions)
    {
        var read = group.Members.SelectMany(m => m.Assignment).Select(p => p.Topic).ToHashSet(StringComparer.Ordinal);
        return partitions.ConvertAll(p => new PartitionResult(
            p, read.Contains(p.Topic) ? new KafkaException(ErrorCode.GroupSubscribedToTopic) : null));
    }

    private static string Explain(string group, TopicPartition partition, KafkaException failure) =>
        failure.Code is ErrorCode.GroupSubscribedToTopic
            ? $"{partition}: a member of the group reads this topic\n"
                + $"stop it first; see who it is with 'barnabas group members {group}'"
            : $"{partition}: {Errors.Words(failure)}";
}
