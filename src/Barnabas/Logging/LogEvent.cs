using Microsoft.Extensions.Logging;

namespace Barnabas.Cli.Logging;

/// <summary>Something the log tells.</summary>
/// <param name="Time">When.</param>
/// <param name="Level">How grave it is.</param>
/// <param name="Logger">The full name of who tells it.</param>
/// <param name="Text">The sentence.</param>
/// <param name="Fault">What went wrong; null where nothing threw.</param>
internal readonly record struct LogEvent(
    DateTimeOffset Time, LogLevel Level, string Logger, string Text, Exception? Fault)
{
    /// <summary>The values in the sentence, by the names its template gives them.</summary>
    public IReadOnlyList<KeyValuePair<string, object?>> Values { get; init; } = [];
}

/// <summary>What a line of the log looks like.</summary>
internal interface ILineFormat
{
    /// <summary>The line, or lines, of an event in UTF-8, line end included. From any thread.</summary>
    byte[] Format(in LogEvent happened);
}
