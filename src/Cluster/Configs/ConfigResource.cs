using System.Globalization;
using Barnabas.Base;

namespace Barnabas.Cluster.Configs;

/// <summary>One thing that has configs: a topic, a broker, a group.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Name">Its name; of a broker its id, or empty for all brokers.</param>
public readonly record struct ConfigResource(ConfigResourceType Type, string Name) : IComparable<ConfigResource>
{
    /// <summary>What holds for every broker that has no value of its own.</summary>
    public static readonly ConfigResource AllBrokers = new(ConfigResourceType.Broker, "");

    /// <summary>The configs of a topic.</summary>
    public static ConfigResource Topic(string name) => new(ConfigResourceType.Topic, name);

    /// <summary>The configs of one broker.</summary>
    public static ConfigResource Broker(BrokerId id) =>
        new(ConfigResourceType.Broker, id.Value.ToString(CultureInfo.InvariantCulture));

    /// <summary>The configs of a group.</summary>
    public static ConfigResource Group(string id) => new(ConfigResourceType.Group, id);

    /// <summary>By type, then by name.</summary>
    /// <remarks>An enum's own comparison allocates.</remarks>
    public int CompareTo(ConfigResource other) =>
        Type != other.Type ? ((sbyte)Type).CompareTo((sbyte)other.Type) : string.CompareOrdinal(Name, other.Name);
}
