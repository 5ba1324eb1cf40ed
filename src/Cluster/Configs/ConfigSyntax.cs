using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Barnabas.Cluster.Configs;

/// <summary>Reads and writes config values as Kafka's ConfigDef does.</summary>
internal static class ConfigSyntax
{
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    /// <summary>Reads a value: bool, string, long (of every whole number type), double or IReadOnlyList of
    /// string.</summary>
    public static bool TryParse(
        ConfigType type, string text, [NotNullWhen(true)] out object? value,
        [NotNullWhen(false)] out string? fault)
    {
        var trimmed = text.Trim();
        value = type switch
        {
            ConfigType.Boolean => Boolean(trimmed),
            ConfigType.Short => Whole(trimmed, short.MinValue, short.MaxValue),
            ConfigType.Int => Whole(trimmed, int.MinValue, int.MaxValue),
            ConfigType.Long => Whole(trimmed, long.MinValue, long.MaxValue),
            ConfigType.Double => double.TryParse(trimmed, NumberStyles.Float, Plain, out var n) ? n : null,
            ConfigType.List => List(trimmed),
            _ => text,
        };
        fault = value is not null ? null
            : type == ConfigType.Boolean ? "Expected value to be either true or false"
            : $"Not a number of type {type.ToString().ToUpperInvariant()}";
        return value is not null;
    }

    /// <summary>The elements of a list, without the blanks around them.</summary>
    public static IReadOnlyList<string> List(string text) =>
        text.Length == 0 ? [] : text.Split(',', StringSplitOptions.TrimEntries);

    /// <summary>The text of a value that was read.</summary>
    public static string Format(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        long number => number.ToString(Plain),
        double number => Format(number),
        IReadOnlyList<string> list => string.Join(",", list),
        _ => (string)value,
    };

    private static bool? Boolean(string text) =>
        text.Equals("true", StringComparison.OrdinalIgnoreCase) ? true
        : text.Equals("false", StringComparison.OrdinalIgnoreCase) ? false
        : null;

    private static long? Whole(string text, long least, long most) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, Plain, out var n) && n >= least && n <= most
            ? n
            : null;

    /// <summary>Java's form, which always has a fraction and no plus in the exponent.</summary>
    private static string Format(double number)
    {
        var text = number.ToString("R", Plain).Replace("E+", "E", StringComparison.Ordinal);
        if (!double.IsFinite(number) || text.Contains('.'))
            return text;
        var exponent = text.IndexOf('E');
        return text.Insert(exponent < 0 ? text.Length : exponent, ".0");
    }
}
