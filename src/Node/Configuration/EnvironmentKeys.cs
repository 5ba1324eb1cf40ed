using System.Text;
using Barnabas.Cluster.Configs;

namespace Barnabas.Node.Configuration;

/// <summary>From environment variables to configs: <c>KAFKA_LOG_SEGMENT_BYTES</c> is
/// <c>log.segment.bytes</c>.</summary>
/// <remarks>As Kafka's container images do: an underscore is a dot, two are an underscore, three a
/// dash.</remarks>
internal static class EnvironmentKeys
{
    private const string Kafka = "KAFKA_";
    private const string Ours = "BARNABAS_";

    /// <summary>The configs that the environment sets, BARNABAS_ winning over KAFKA_, and what seems
    /// misspelt.</summary>
    public static (List<ConfigSetting> Settings, List<string> Warnings) Read(
        IEnumerable<KeyValuePair<string, string>> environment)
    {
        var settings = new SortedDictionary<string, ConfigSetting>(StringComparer.Ordinal);
        var warnings = new List<string>();
        var ordered = environment
            .Where(v => v.Key.StartsWith(Kafka, StringComparison.Ordinal) || IsOurs(v.Key))
            .OrderBy(v => IsOurs(v.Key))
            .ThenBy(v => v.Key, StringComparer.Ordinal);
        foreach (var (variable, value) in ordered)
        {
            var place = $"environment variable {variable}";
            if (KeyOf(variable) is { } key)
                settings[key] = new(key, value, place);
            else if (Suggestion.For(Dotted(variable)) is { } near)
                warnings.Add($"{place}: {Dotted(variable)} is no config; did you mean {near}?");
        }

        return ([.. settings.Values], warnings);
    }

    /// <summary>The config that a variable sets; null where it is some other program's.</summary>
    public static string? KeyOf(string variable)
    {
        var key = Dotted(variable);
        if (IsKnown(key))
            return key;
        var ours = "barnabas." + key;
        return IsOurs(variable) && IsKnown(ours) ? ours : null;
    }

    private static bool IsOurs(string variable) => variable.StartsWith(Ours, StringComparison.Ordinal);

    /// <summary>True of what can be meant for a node. KAFKA_PORT cannot: Kubernetes sets it for a service named kafka.
    /// </summary>
    private static bool IsKnown(string key) =>
        ConfigDefinitions.Broker.TryGetBound(key, out _)
        || ConfigTable.IsPluginName(key)
        || (key is not "port" && OldKeys.Explain(key) is not null);

    private static string Dotted(string variable)
    {
        var name = variable.AsSpan(variable.IndexOf('_') + 1);
        var key = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] != '_')
            {
                key.Append(char.ToLowerInvariant(name[i]));
                continue;
            }

            var run = 1;
            while (run < 3 && i + 1 < name.Length && name[i + 1] == '_')
                (run, i) = (run + 1, i + 1);
            key.Append(run switch { 1 => '.', 2 => '_', _ => '-' });
        }

        return key.ToString();
    }
}
