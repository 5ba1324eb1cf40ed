using System.CommandLine;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas topic alter</c></summary>
internal static class TopicAlter
{
    private static readonly Argument<string> Name = TopicCommand.Name();

    private static readonly Option<int?> Partitions = new("--partitions", "-p")
    {
        Description = "raise the number of partitions to N",
        HelpName = "N",
    };

    private static readonly Option<string[]> Configs = new("--config", "-c", "--add-config")
    {
        Description = "set a config, as retention.ms=7d",
        HelpName = "K=V",
    };

    private static readonly Option<string[]> Unset = new("--delete-config")
    {
        Description = "remove a config",
        HelpName = "K",
    };

    public static Command Make() => Leaf.Make(
        "alter", "raise the number of partitions, change configs", [Name, Partitions, Configs, Unset], RunAsync).With(
        "barnabas topic alter orders -p 12", "barnabas topic alter orders --config retention.ms=1h");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var name = parsed.GetValue(Name)!;
        var changes = (parsed.GetValue(Configs) ?? []).Select(ConfigValues.Split)
            .Select(c => new ConfigChange(c.Key, ConfigOperation.Set, c.Value))
            .Concat((parsed.GetValue(Unset) ?? []).Select(k => new ConfigChange(k, ConfigOperation.Delete, null)))
            .ToList();
        if (parsed.GetValue(Partitions) is null && changes.Count == 0)
            throw CliException.Usage("nothing to change: give --partitions, --config or --delete-config");
        await using var session = await Session.OpenAsync(parsed, stop);
        var done = new Table("Topic", "Changed", "Value");
        try
        {
            if (parsed.GetValue(Partitions) is { } count)
            {
                await session.Client.Admin.CreatePartitionsAsync(name, count, stop);
                done.Add(name, "partitions", count);
            }

            if (changes.Count > 0)
                await session.Client.Admin.AlterConfigsAsync(ConfigResource.Topic(name), changes, stop: stop);
        }
        catch (KafkaException fault) when (fault.Code == ErrorCode.UnknownTopicOrPartition)
        {
            throw await session.AbsentAsync(name, stop);
        }

        foreach (var change in changes)
            done.Add(name, change.Name, change.Value);
        Document.Write(parsed, done);
        return ExitCode.Ok;
    }
}
