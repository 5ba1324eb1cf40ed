using System.CommandLine;
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
        "config", "read and change configs of topics, brokers and groups",
        ConfigList.Make(), ConfigGet.Make(), ConfigSet.Make(), ConfigUnset.Make());

    /// <summary>Whose configs: <c>topic NAME</c>, <c>broker ID</c>, or <c>broker default</c> for all brokers.</summary>
    public static (Argument<string> Type, Argument<string> Name) Resource()
    {
        var type = new Argument<string>("type") { Description = "topic, broker, group", HelpName = "TYPE" };
        type.Validators.Add(result =>
        {
            if (!Types.ContainsKey(result.Tokens[0].Value))
                result.AddError($"'{result.Tokens[0].Value}' is no kind of config: there are {string.Join(", ", Types.Keys)}");
        });
        return (type, new Argument<string>("name")
        {
            Description = "the topic's or group's name, the broker's id, or 'default' for all brokers",
            HelpName = "NAME",
        });
    }

    /// <summary>The resource two arguments name.</summary>
    public static ConfigResource Resource(string type, string name) =>
        new(Types[type], Types[type] == ConfigResourceType.Broker && name == "default" ? "" : name);

    /// <summary>Where a value comes from, in a word.</summary>
    public static string Source(ConfigSource source) => source switch
    {
        ConfigSource.Topic => "topic",
        ConfigSource.DynamicBroker => "broker",
        ConfigSource.DynamicDefault => "all brokers",
        ConfigSource.StaticBroker => "file",
        ConfigSource.Default => "default",
        ConfigSource.Group => "group",
        _ => "other",
    };
}
