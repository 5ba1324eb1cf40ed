using System.Globalization;

namespace Barnabas.Cluster.Configs;

/// <summary>All that is known of a config beside its value. A line of schema/configs.wire.</summary>
/// <param name="Name">Its name, such as <c>segment.bytes</c>.</param>
/// <param name="Type">What values it has.</param>
/// <param name="Default">Its value where nothing sets it, as in a file; null where it then has none.</param>
/// <param name="Meaning">What it does, in a sentence or two.</param>
public sealed record ConfigDefinition(string Name, ConfigType Type, string? Default, string Meaning)
{
    /// <summary>What values it takes beyond those of its type; null where all.</summary>
    public ConfigLimits? Limits { get; init; }

    /// <summary>How much it matters.</summary>
    public ConfigImportance Importance { get; init; } = ConfigImportance.Medium;

    /// <summary>Whether it can be changed while the broker runs; only meant of broker configs.</summary>
    public ConfigUpdateMode UpdateMode { get; init; }

    /// <summary>The broker configs that give the value where this one is not set, first one first; may be
    /// empty.</summary>
    public IReadOnlyList<ConfigStandIn> StandIns { get; init; } = [];

    /// <summary>True when there is no default and the node does not start without a value.</summary>
    public bool IsRequired { get; init; }

    /// <summary>True when it is listed only where somebody set it.</summary>
    public bool IsInternal { get; init; }

    /// <summary>False when it is accepted and kept, but changes nothing in this version.</summary>
    public bool HasEffect { get; init; } = true;

    /// <summary>True when its value is never shown.</summary>
    public bool IsSensitive => Type == ConfigType.Password;

    /// <summary>Says what is wrong with a value, in Kafka's words; null when nothing is.</summary>
    public string? FaultOf(string text)
    {
        if (!ConfigSyntax.TryParse(Type, text, out var value, out var fault))
            return $"Invalid value {text} for configuration {Name}: {fault}";
        return Limits?.FaultOf(Name, value);
    }

    /// <summary>The text a value has once it was read: <c>" 5"</c> is <c>"5"</c>. Text that cannot be read is
    /// itself.</summary>
    public string Canonical(string text) =>
        ConfigSyntax.TryParse(Type, text, out var value, out _) ? ConfigSyntax.Format(value) : text;

    /// <summary>The value of a stand-in in this config's unit. What is below zero means "no limit" in both:
    /// -1.</summary>
    public static string Convert(string text, ConfigStandIn standIn)
    {
        if (standIn.Factor == 1 || !long.TryParse(text.Trim(), CultureInfo.InvariantCulture, out var number))
            return text;
        return (number < 0 ? -1 : number * standIn.Factor).ToString(CultureInfo.InvariantCulture);
    }
}
