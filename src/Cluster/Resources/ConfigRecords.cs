using Barnabas.Cluster.Configs;
using Barnabas.Wire.Messages;

namespace Barnabas.Cluster;

/// <summary>Changes of configs as records.</summary>
internal static class ConfigRecords
{
    /// <summary>The resource whose config a record sets.</summary>
    public static ConfigResource ResourceOf(this ConfigRecord record) =>
        new((ConfigResourceType)record.ResourceType, record.ResourceName);

    /// <summary>The record that sets a config, or with a null value unsets it.</summary>
    public static ConfigRecord Record(ConfigResource resource, string name, string? value) => new()
    {
        ResourceType = (sbyte)resource.Type,
        ResourceName = resource.Name,
        Name = name,
        Value = value,
    };

    /// <summary>The records of an alteration; none where it was refused.</summary>
    public static List<ConfigRecord> RecordsOf(this ConfigAlteration alteration, ConfigResource resource) =>
        [.. alteration.Changes.Select(change => Record(resource, change.Name, change.Value))];
}
