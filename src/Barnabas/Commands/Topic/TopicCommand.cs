using System.CommandLine;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas topic</c></summary>
internal static class TopicCommand
{
    public static Command Make() => Leaf.Group(
        "topic", "create, list, describe, change and delete topics",
        TopicCreate.Make(), TopicList.Make(), TopicDescribe.Make(), TopicAlter.Make(), TopicDelete.Make(),
        TopicOffsets.Make(), TopicTrim.Make(), TopicProducers.Make(), TopicReplicas.Make());

    /// <summary>One topic or more.</summary>
    public static Argument<string[]> Names(bool isRequired = true) => new Argument<string[]>("topic")
    {
        Description = isRequired ? "the topics' names" : "the topics' names (all topics)",
        HelpName = "TOPIC",
        Arity = isRequired ? ArgumentArity.OneOrMore : ArgumentArity.ZeroOrMore,
    }.CompletedBy(Known);

    /// <summary>One topic.</summary>
    public static Argument<string> Name() => new Argument<string>("topic")
    {
        Description = "the topic's name",
        HelpName = "TOPIC",
    }.CompletedBy(Known);

    /// <summary>An option that picks partitions.</summary>
    public static Option<string?> Partitions() => new("--partitions", "-p", "--partition")
    {
        Description = "only these partitions, as 0,3",
        HelpName = "LIST",
    };

    /// <summary>The topics there are, for a shell that completes a word; none when nobody answers at once.</summary>
    public static IEnumerable<string> Known(ParseResult parsed) => Completions.Ask(
        parsed, async (client, stop) => (await client.Admin.ListTopicsAsync(stop)).Select(t => t.Name));

    /// <summary>The topics that are named, or all but Kafka's own where none is.</summary>
    /// <returns>The topics there are, and one error for each that is not.</returns>
    public static async Task<(List<TopicView> Topics, int Missing)> FindAsync(
        Session session, string[]? names, CancellationToken stop)
    {
        if (names is not { Length: > 0 })
            return ([.. (await session.Client.Admin.ListTopicsAsync(stop)).Where(t => !t.IsInternal)], 0);
        var found = await session.Client.Admin.DescribeTopicsAsync(names, stop);
        for (var i = 0; i < names.Length; i++)
        {
            if (found[i] is null)
                Errors.Say((await session.AbsentAsync(names[i], stop)).Message, ExitCode.NotFound);
        }

        return ([.. found.OfType<TopicView>()], found.Count(t => t is null));
    }

    /// <summary>The exit code of a command that showed some topics and missed others.</summary>
    public static int Code(int shown, int missing) =>
        missing == 0 ? ExitCode.Ok : shown == 0 ? ExitCode.NotFound : ExitCode.PartlyFailed;

    /// <summary>Partitions of a topic: those in a list such as <c>0,3</c>, or all of them.</summary>
    /// <exception cref="CliException">The list is none, or names one that does not exist.</exception>
    public static IEnumerable<TopicPartition> Partitions(TopicView topic, string? list)
    {
        if (list is null)
            return Enumerable.Range(0, topic.Partitions.Count).Select(i => new TopicPartition(topic.Name, i));
        var wanted = list.Split(',').Select(text => int.TryParse(text, out var index) && index >= 0
            ? index
            : throw CliException.Usage($"'{text}' is no partition: a list such as 0,3 is")).ToList();
        foreach (var index in wanted.Where(i => i >= topic.Partitions.Count))
        {
            throw new CliException(
                ExitCode.NotFound,
                $"topic '{topic.Name}' has {topic.Partitions.Count} partitions, none with index {index}");
        }

        return wanted.Select(i => new TopicPartition(topic.Name, i));
    }
}
