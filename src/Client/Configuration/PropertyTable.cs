using System.Globalization;
using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>Sets options by their Java names.</summary>
/// <typeparam name="TOptions">The options, a record.</typeparam>
internal sealed class PropertyTable<TOptions>(IReadOnlyDictionary<string, Func<TOptions, string, TOptions>> setters)
{
    /// <summary>The options with every known property set; what is not known is left for others.</summary>
    /// <exception cref="KafkaException">A value is none.</exception>
    public TOptions Apply(TOptions options, IEnumerable<KeyValuePair<string, string>> properties)
    {
        foreach (var (name, value) in properties)
        {
            if (!setters.TryGetValue(name, out var set))
                continue;
            try
            {
                options = set(options, value.Trim());
            }
            catch (Exception fault) when (fault is FormatException or OverflowException or ArgumentException)
            {
                throw new KafkaException(ErrorCode.InvalidConfig, $"'{value}' is no value of {name}", fault);
            }
        }

        return options;
    }

    /// <summary>True for a name some option has.</summary>
    public bool Knows(string name) => setters.ContainsKey(name);
}

/// <summary>Values as properties files write them.</summary>
internal static class PropertyValue
{
    public static TimeSpan Milliseconds(string text) =>
        TimeSpan.FromMilliseconds(long.Parse(text, CultureInfo.InvariantCulture));

    public static int Int(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    public static long Long(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    public static bool Bool(string text) => text.ToUpperInvariant() switch
    {
        "TRUE" => true,
        "FALSE" => false,
        _ => throw new FormatException(),
    };

    public static IReadOnlyList<string> List(string text) =>
        text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
