using System.Text;

namespace Barnabas.Wire.Generator;

/// <summary>A config: a line of configs.wire.</summary>
internal sealed class ConfigLine
{
    public ConfigLine(SchemaLine line, string kind, string name, string type) =>
        (Line, Kind, Name, Type) = (line, kind, name, type);

    public SchemaLine Line { get; }

    /// <summary>Whose config it is: <c>topic</c>, <c>broker</c>, <c>group</c> or
    /// <c>client-metrics</c>.</summary>
    public string Kind { get; }

    public string Name { get; }

    public string Type { get; }

    /// <summary>The default as it stands in a file; null where there is none.</summary>
    public string? Default { get; set; }

    /// <summary>True when the line names no default, not even null.</summary>
    public bool IsRequired { get; set; } = true;

    public ConfigLimit? Limit { get; set; }

    public string Importance { get; set; } = "medium";

    public string UpdateMode { get; set; } = "read-only";

    /// <summary>The broker configs that stand in, with what their number is multiplied by.</summary>
    public List<KeyValuePair<string, int>> From { get; } = [];

    public bool IsInternal { get; set; }

    public bool IsInert { get; set; }

    /// <summary>The name as a C# identifier: <c>segment.bytes</c> becomes <c>SegmentBytes</c>.</summary>
    public string Identifier => Pascal(Name);

    public static string Pascal(string dotted)
    {
        var text = new StringBuilder();
        var upper = true;
        foreach (var c in dotted)
        {
            if (char.IsLetterOrDigit(c))
                text.Append(upper ? char.ToUpperInvariant(c) : c);
            upper = !char.IsLetterOrDigit(c);
        }

        return text.ToString();
    }
}

/// <summary>What values a config takes beyond its type.</summary>
internal sealed class ConfigLimit
{
    /// <summary>The least number; null where there is none.</summary>
    public string? Min { get; set; }

    /// <summary>The greatest number; null where there is none.</summary>
    public string? Max { get; set; }

    /// <summary>A number outside the range that is taken too.</summary>
    public string? Beside { get; set; }

    /// <summary>The words to choose from; null where this is no choice.</summary>
    public string[]? Words { get; set; }

    public bool AnyCase { get; set; }

    public bool NotEmpty { get; set; }

    public bool Replicas { get; set; }
}
