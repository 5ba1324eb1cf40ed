using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas group lag</c></summary>
internal static class GroupLagCommand
{
    private static readonly Argument<string> Name = GroupCommand.Name();

    private static readonly Option<string[]> Topics = new Option<string[]>("--topic")
    {
        Description = "only this topic; may be repeated",
        HelpName = "TOPIC",
    }.CompletedBy(TopicCommand.Known);

    private static readonly Option<long?> Max = new("--max")
    {
        Description = "exit with 9 when the group is more than N records behind",
        HelpName = "N",
    };

    public static Command Make() => Leaf.Make(
        "lag", "show how many records a group is behind, by topic and in all", [Name, Topics, Max], RunAsync).With(
        "barnabas group lag billing", "barnabas group lag billing -o wide           by partition too",
        "barnabas group lag billing -o json | jq .totalLag", "barnabas group lag billing --max 1000 || page-somebody");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var session = await Session.OpenAsync(parsed, stop);
        var group = await GroupCommand.FindAsync(session, parsed.GetValue(Name)!, stop);
        var lag = await session.Client.Admin.GetGroupLagAsync(group, stop);
        if (parsed.GetValue(Topics) is { Length: > 0 } wanted)
            lag = lag with { Partitions = Only(lag, wanted) };
        Document.Write(parsed, () => ToJson(group, lag), (to, isWide) => WriteText(to, lag, isWide));
        if (parsed.GetValue(Max) is not { } max || lag.Total <= max)
            return ExitCode.Ok;
        return Errors.Say(
            string.Create(
                CultureInfo.InvariantCulture, $"group '{lag.GroupId}' is {lag.Total} records behind, more than {max}"),
            ExitCode.Unhealthy);
    }

    private static List<PartitionLag> Only(GroupLag lag, string[] topics)
    {
        var read = lag.Partitions.Select(p => p.Partition.Topic).ToHashSet(StringComparer.Ordinal);
        if (topics.FirstOrDefault(t => !read.Contains(t)) is not { } strange)
            return [.. lag.Partitions.Where(p => topics.Contains(p.Partition.Topic))];
        throw new CliException(
            ExitCode.NotFound,
            $"group '{lag.GroupId}' neither reads topic '{strange}' nor has a position there"
            + Suggestions.For(strange, read));
    }

    private static Table ByTopic(GroupLag lag)
    {
        var table = new Table("Topic", "Partitions", "Lag", "Largest");
        foreach (var topic in lag.Partitions.GroupBy(p => p.Partition.Topic, StringComparer.Ordinal))
            table.Add(topic.Key, topic.Count(), topic.Sum(p => p.Lag ?? 0), topic.Max(p => p.Lag));
        return table;
    }

    private static JsonObject ToJson(GroupDescription group, GroupLag lag) => new()
    {
        ["group"] = lag.GroupId,
        ["state"] = group.State,
        ["totalLag"] = lag.Total,
        ["topics"] = ByTopic(lag).ToJson(),
        ["partitions"] = GroupDescribe.Partitions(lag).ToJson(),
    };

    private static void WriteText(StdOut to, GroupLag lag, bool isWide)
    {
        if (isWide)
        {
            GroupDescribe.Partitions(lag).WriteText(to);
            to.WriteLine("");
        }

        ByTopic(lag).WriteText(to);
        to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"total lag {lag.Total}"));
    }
}
