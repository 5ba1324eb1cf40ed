using Microsoft.Extensions.Logging;

namespace Barnabas.Base;

/// <summary>The names of log levels, as Kafka's BROKER_LOGGER resource has them (KIP-412).</summary>
public static class LogLevelNames
{
    // In the order of the levels.
    private static readonly string[] Names = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF"];

    /// <summary>All names, the most talkative level first.</summary>
    public static IReadOnlyList<string> All => Names;

    /// <summary>Kafka's name of a level.</summary>
    public static string KafkaName(this LogLevel level) => Names[(int)level];

    /// <summary>The level of a name, in any case; .NET's own names are understood too.</summary>
    public static bool TryParse(string name, out LogLevel level)
    {
        for (level = LogLevel.Trace; level <= LogLevel.None; level++)
        {
            if (name.Equals(level.KafkaName(), StringComparison.OrdinalIgnoreCase)
                || name.Equals(level.ToString(), StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        level = default;
        return false;
    }
}
