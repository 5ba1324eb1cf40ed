using Microsoft.Extensions.Logging;

namespace Barnabas.Base;

/// <summary>The names of log levels, as Kafka's BROKER_LOGGER resource has them (KIP-412).</summary>
public static class LogLevelNames
{
    private static readonly (string Name, LogLevel Level)[] Names =
    [
        ("TRACE", LogLevel.Trace), ("DEBUG", LogLevel.Debug), ("INFO", LogLevel.Information),
        ("WARN", LogLevel.Warning), ("ERROR", LogLevel.Error), ("FATAL", LogLevel.Critical), ("OFF", LogLevel.None),
    ];

    /// <summary>All names, the most talkative level first.</summary>
    public static IEnumerable<string> All => Names.Select(n => n.Name);

    /// <summary>Kafka's name of a level.</summary>
    public static string KafkaName(this LogLevel level) => Array.Find(Names, n => n.Level == level).Name;

    /// <summary>The level of a name, in any case; .NET's own names are understood too.</summary>
    public static bool TryParse(string name, out LogLevel level)
    {
        foreach (var (known, value) in Names)
        {
            if (name.Equals(known, StringComparison.OrdinalIgnoreCase)
                || name.Equals(value.ToString(), StringComparison.OrdinalIgnoreCase))
            {
                level = value;
                return true;
            }
        }

        level = default;
        return false;
    }
}
