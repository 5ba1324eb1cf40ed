using System.CommandLine;
using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas config</c></summary>
internal static class ConfigCommand
{
    private static readonly Dictionary<string, ConfigResourceType> Types = new(StringComparer.Ordinal)
    {
        ["topic"] = ConfigResourceType.Topic,
        ["broker"] = ConfigResourceType.Broker,
        ["broker-logger"] = ConfigResourceType.BrokerLogger,
        ["client-metrics"] = ConfigResourceType.ClientMetrics,
        ["group"] = ConfigResourceType.Group,
    };

    public static Command Make() => Leaf.Group(
        "config", "read, explain and change configs of topics, brokers and groups",
        ConfigList.Make(), ConfigGet.Make(), ConfigSet.Make(), ConfigUnset.Make(), ConfigDiff.Make(),
        ConfigExplain.Make());

    /// <summary>Whose configs: <c>topic NAME</c>, <c>broker ID</c>, or <c>broker default</c> for all brokers.</summary>
    public static (Argument<string> Type, Argument<string> Name) Resource()
    {
        var type = new Argument<string>("type")
        {
            Description = string.Join(", ", Types.Keys),
            HelpName = "TYPE",
        };
        type.Validators.Add(result =>
        {
            if (result.Tokens is [var token, ..] && !Types.ContainsKey(token.Value))
                result.AddError($"'{token.Value}' is no kind of config: there are {string.Join(", ", Types.Keys)}");
        });
        var name = new Argument<string>("name")
        {
            Description = "the topic's or group's name, the broker's id, or 'default' for all brokers",
            HelpName = "NAME",
        };
        return (type.CompletedBy(_ => Types.Keys), name.CompletedBy(Named));
    }

    /// <summary>The resource two arguments name.</summary>
    public static ConfigResource Resource(string type, string name) =>
        new(Types[type], Types[type] == ConfigResourceType.Broker && name == "default" ? "" : name);

    /// <summary>The configs of a resource that must exist.</summary>
    /// <exception cref="CliException">It does not; near names are suggested.</exception>
    public static async Task<IReadOnlyList<ConfigEntry>> DescribeAsync(
        Session session, ConfigResource resource, CancellationToken stop)
    {
        try
        {
            return await session.Client.Admin.DescribeConfigsAsync(resource, stop: stop);
        }
        catch (KafkaException fault) when (IsAbsentTopic(fault, resource))
        {
            throw await session.AbsentAsync(resource.Name, stop);
        }
    }

    /// <summary>Changes configs, and prints what was changed.</summary>
    /// <exception cref="CliException">The resource does not exist, or a change is refused.</exception>
    public static async Task<int> AlterAsync(
        Session session, ConfigResource resource, List<ConfigChange> changes, bool isDryRun, CancellationToken stop)
    {
        try
        {
            await session.Client.Admin.AlterConfigsAsync(resource, changes, isDryRun, stop);
        }
        catch (KafkaException fault) when (IsAbsentTopic(fault, resource))
        {
            throw await session.AbsentAsync(resource.Name, stop);
        }
        catch (KafkaException fault) when (fault.Code == ErrorCode.InvalidConfig)
        {
            throw new CliException(
                ExitCode.Failed, $"{Errors.Words(fault)} ({fault.Code.KafkaName()})\n{Remedy(resource, changes)}");
        }

        var table = new Table("Name", "Value", "Status");
        foreach (var change in changes)
            table.Add(change.Name, change.Value, isDryRun ? "valid" : Status(change.Operation));
        Document.Write(session.Parsed, table);
        return ExitCode.Ok;
    }

    private static string Remedy(ConfigResource resource, List<ConfigChange> changes)
    {
        if (resource.Type == ConfigResourceType.BrokerLogger)
            return $"see the loggers with 'barnabas config list broker-logger {resource.Name}'";
        var about = changes.Count == 1 ? changes[0].Name : "KEY";
        return $"see what it takes with 'barnabas config explain {about}'";
    }

    /// <summary>Where a value comes from, in a word.</summary>
    public static string Source(ConfigSource source) => source switch
    {
        ConfigSource.Topic => "topic",
        ConfigSource.DynamicBroker => "broker",
        ConfigSource.DynamicDefault => "all brokers",
        ConfigSource.StaticBroker => "file",
        ConfigSource.Default => "default",
        ConfigSource.BrokerLogger => "logger",
        ConfigSource.ClientMetrics => "client-metrics",
        ConfigSource.Group => "group",
        _ => "unknown",
    };

    /// <summary>A kind of value, in a word.</summary>
    public static string TypeName(ConfigValueType type) => type.ToString().ToLowerInvariant();

    /// <summary>The names that may stand behind a type, for a shell that completes a word.</summary>
    public static IEnumerable<string> Named(ParseResult parsed) => parsed.Tokens.Any(t => t.Value == "broker")
        ? Completions.Ask(parsed, async (client, stop) =>
            (await client.Admin.DescribeClusterAsync(stop)).Brokers.Select(b => b.Id.ToString()).Append("default"))
        : TopicCommand.Known(parsed);

    private static bool IsAbsentTopic(KafkaException fault, ConfigResource resource) =>
        resource.Type == ConfigResourceType.Topic && fault.Code == ErrorCode.UnknownTopicOrPartition;

    private static string Status(ConfigOperation operation) => operation switch
    {
        ConfigOperation.Set => "set",
        ConfigOperation.Delete => "unset",
        ConfigOperation.Append => "appended",
        _ => "taken away",
    };
}
