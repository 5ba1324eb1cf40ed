namespace Barnabas.Cluster.Configs;

/// <summary>What an IncrementalAlterConfigs request wants done with one config, as the protocol numbers
/// it.</summary>
public enum ConfigOperationKind : sbyte
{
    /// <summary>Give it the value.</summary>
    Set = 0,

    /// <summary>Take its value away.</summary>
    Delete = 1,

    /// <summary>Add elements to a list.</summary>
    Append = 2,

    /// <summary>Take elements out of a list.</summary>
    Subtract = 3,
}

/// <summary>One wish of an IncrementalAlterConfigs request.</summary>
/// <param name="Name">The config.</param>
/// <param name="Kind">What to do; may be a number that the protocol does not know.</param>
/// <param name="Value">The value or the elements; null with Delete.</param>
public readonly record struct ConfigOperation(string Name, ConfigOperationKind Kind, string? Value);
