using System.CommandLine;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas topic create</c></summary>
internal static class TopicCreate
{
    private static readonly Argument<string[]> Names = TopicCommand.Names();

    private static readonly Option<int> Partitions = new("--partitions", "-p")
    {
        Description = "how many partitions (the broker's default)",
        HelpName = "N",
        DefaultValueFactory = _ => -1,
    };

    private static readonly Option<short> Replicas = new("--replicas", "-r", "--replication-factor")
    {
        Description = "how many replicas each (the broker's default)",
        HelpName = "N",
        DefaultValueFactory = _ => -1,
    };

    private static readonly Option<string[]> Configs = new("--config", "-c")
    {
        Description = "a config of the topic, as retention.ms=7d",
        HelpName = "K=V",
    };

    private static readonly Option<string?> Assignment = new("--replica-assignment")
    {
        Description = "the brokers of each partition, as 1:2,2:3",
        HelpName = "LIST",
    };

    private static readonly Option<bool> IfNotExists = new("--if-not-exists")
    {
        Description = "leave a topic alone that exists",
    };

    private static readonly Option<bool> DryRun = new("--dry-run", "--validate-only")
    {
        Description = "only see whether it would be accepted",
    };

    public static Command Make() => Leaf.Make(
        "create", "create topics",
        [Names, Partitions, Replicas, Configs, Assignment, IfNotExists, DryRun], RunAsync).With(
        "barnabas topic create orders -p 6 --config retention.ms=7d");

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var configs = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (key, value) in (parsed.GetValue(Configs) ?? []).Select(ConfigValues.Split))
            configs[key] = value;
        var assignments = ReadAssignment(parsed.GetValue(Assignment));
        var topics = parsed.GetValue(Names)!.Select(name => new NewTopic(
            name, parsed.GetValue(Partitions), parsed.GetValue(Replicas))
        {
            Configs = configs,
            Assignments = assignments,
        });
        await using var session = await Session.OpenAsync(parsed, stop);
        var isDryRun = parsed.GetValue(DryRun);
        var outcomes = new Outcomes("Topic", "Partitions", "Replicas", Column.Wide("Id"));
        foreach (var topic in await session.Client.Admin.CreateTopicsAsync(topics, isDryRun, stop))
        {
            object?[] cells = [topic.Name, Known(topic.Partitions), Known(topic.Replication), topic.Id.ToString()];
            if (topic.Failure is not { } failure)
                outcomes.Done(isDryRun ? "valid" : "created", cells);
            else if (failure.Code == ErrorCode.TopicAlreadyExists && parsed.GetValue(IfNotExists))
                outcomes.Done("exists", topic.Name, null, null, null);
            else
                outcomes.Failed(failure, Explain(failure), topic.Name, null, null, null);
        }

        return outcomes.Write(parsed);
    }

    private static string Explain(KafkaException failure) => failure.Code switch
    {
        ErrorCode.TopicAlreadyExists => $"{Errors.Words(failure)}\n--if-not-exists leaves it as it is",
        ErrorCode.InvalidReplicationFactor => $"{Errors.Words(failure)}\nsee the brokers with 'barnabas cluster info'",
        ErrorCode.InvalidConfig =>
            $"{Errors.Words(failure)} ({failure.Code.KafkaName()})\n"
            + "see what it takes with 'barnabas config explain KEY'",
        _ => Errors.Words(failure),
    };

    private static int? Known(int count) => count < 0 ? null : count;

    private static IReadOnlyList<IReadOnlyList<BrokerId>> ReadAssignment(string? text)
    {
        if (text is null)
            return [];
        return
        [
            .. text.Split(',').Select(partition => (IReadOnlyList<BrokerId>)[.. partition.Split(':').Select(Broker)]),
        ];
    }

    private static BrokerId Broker(string text) => int.TryParse(text, out var id)
        ? new BrokerId(id)
        : throw CliException.Usage($"'{text}' is no broker id in --replica-assignment");
}
