using System.Diagnostics.CodeAnalysis;

namespace Barnabas.Cluster.Configs;

/// <summary>What kind of value a config has, as DescribeConfigs numbers it.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "These are the names of the protocol.")]
public enum ConfigType : sbyte
{
    /// <summary>A config nobody here knows.</summary>
    Unknown = 0,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean = 1,

    /// <summary>Any text.</summary>
    String = 2,

    /// <summary>A 32 bit number.</summary>
    Int = 3,

    /// <summary>A 16 bit number.</summary>
    Short = 4,

    /// <summary>A 64 bit number.</summary>
    Long = 5,

    /// <summary>A number with a fraction.</summary>
    Double = 6,

    /// <summary>Texts between commas.</summary>
    List = 7,

    /// <summary>The name of a Java class.</summary>
    Class = 8,

    /// <summary>A secret, never shown.</summary>
    Password = 9,
}
