using System.Diagnostics.CodeAnalysis;
using Barnabas.Wire.Messages;

namespace Barnabas.Client;

/// <summary>What kind of thing has configs.</summary>
public enum ConfigResourceType
{
    /// <summary>A topic, by name.</summary>
    Topic = 2,

    /// <summary>A broker, by id; with an empty name all of them.</summary>
    Broker = 4,

    /// <summary>A broker's log levels.</summary>
    BrokerLogger = 8,

    /// <summary>A subscription to client metrics.</summary>
    ClientMetrics = 16,

    /// <summary>A group.</summary>
    Group = 32,
}

/// <summary>A thing that has configs.</summary>
/// <param name="Type">What kind.</param>
/// <param name="Name">Its name.</param>
public readonly record struct ConfigResource(ConfigResourceType Type, string Name)
{
    /// <summary>A topic.</summary>
    public static ConfigResource Topic(string name) => new(ConfigResourceType.Topic, name);
}

/// <summary>Where a config's value comes from.</summary>
public enum ConfigSource
{
    /// <summary>The broker does not say.</summary>
    Unknown = 0,

    /// <summary>Set for this topic.</summary>
    Topic = 1,

    /// <summary>Set for this broker while it runs.</summary>
    DynamicBroker = 2,

    /// <summary>Set for all brokers while they run.</summary>
    DynamicDefault = 3,

    /// <summary>From the broker's own configuration.</summary>
    StaticBroker = 4,

    /// <summary>Built in.</summary>
    Default = 5,

    /// <summary>A log level set while the broker runs.</summary>
    BrokerLogger = 6,

    /// <summary>Set for client metrics.</summary>
    ClientMetrics = 7,

    /// <summary>Set for this group.</summary>
    Group = 8,
}

/// <summary>A config as it is.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value; null when it has none or is secret.</param>
/// <param name="Source">Where the value comes from.</param>
/// <param name="IsReadOnly">True when it cannot be changed while the broker runs.</param>
/// <param name="IsSensitive">True when its value is never told.</param>
/// <param name="Documentation">What it means; null when not asked for.</param>
public sealed record ConfigEntry(
    string Name, string? Value, ConfigSource Source, bool IsReadOnly, bool IsSensitive, string? Documentation)
{
    /// <summary>What would hold in its stead, one after the other, the value in force first; empty where the broker
    /// does not say (KIP-226).</summary>
    public IReadOnlyList<ConfigSynonym> Synonyms { get; init; } = [];

    /// <summary>What kind of value it takes.</summary>
    public ConfigValueType Type { get; init; }

    /// <summary>The value it would have if nobody had set it; null when it has none or the broker does not
    /// say.</summary>
    public string? Default => Synonyms.FirstOrDefault(s => s.Source == ConfigSource.Default)?.Value;

    internal static ConfigEntry Read(DescribeConfigsResponse.DescribeConfigsResourceResult config) => new(
        config.Name, config.Value, (ConfigSource)Math.Max((sbyte)0, config.ConfigSource), config.ReadOnly,
        config.IsSensitive, config.Documentation)
    {
        Type = (ConfigValueType)config.ConfigType,
        Synonyms = [.. config.Synonyms.Select(s => new ConfigSynonym(s.Name, s.Value, (ConfigSource)s.Source))],
    };
}

/// <summary>A value that a config has, or would have if another one were not set.</summary>
/// <param name="Name">The name it is set by: <c>log.retention.ms</c> for a topic's <c>retention.ms</c>.</param>
/// <param name="Value">The value; null when it has none or is secret.</param>
/// <param name="Source">Where it is set.</param>
public sealed record ConfigSynonym(string Name, string? Value, ConfigSource Source);

/// <summary>What kind of value a config takes.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "These are the names of the protocol.")]
public enum ConfigValueType
{
    /// <summary>The broker does not say.</summary>
    Unknown = 0,

    /// <summary>true or false.</summary>
    Boolean = 1,

    /// <summary>Text.</summary>
    String = 2,

    /// <summary>A number of 32 bits.</summary>
    Int = 3,

    /// <summary>A number of 16 bits.</summary>
    Short = 4,

    /// <summary>A number of 64 bits.</summary>
    Long = 5,

    /// <summary>A number with a fraction.</summary>
    Double = 6,

    /// <summary>Several values, separated by commas.</summary>
    List = 7,

    /// <summary>A Java class.</summary>
    Class = 8,

    /// <summary>A secret.</summary>
    Password = 9,
}

/// <summary>What is done to a config.</summary>
public enum ConfigOperation
{
    /// <summary>It gets a value.</summary>
    Set = 0,

    /// <summary>Its value goes, and what stands beneath holds again.</summary>
    Delete = 1,

    /// <summary>A list gets more elements.</summary>
    Append = 2,

    /// <summary>A list loses elements.</summary>
    Subtract = 3,
}

/// <summary>A change of a config.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Operation">What is done.</param>
/// <param name="Value">The value, or the list's elements; null to delete.</param>
public sealed record ConfigChange(string Name, ConfigOperation Operation, string? Value);
