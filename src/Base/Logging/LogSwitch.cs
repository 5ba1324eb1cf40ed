using Microsoft.Extensions.Logging;

namespace Barnabas.Base;

/// <summary>Whether a logger says something, as <see cref="LogLevels"/> has it at the moment. Safe from any
/// lane.</summary>
public sealed class LogSwitch
{
    private readonly LogLevels _levels;
    private readonly string _logger;
    private Reading? _last;

    internal LogSwitch(LogLevels levels, string logger) => (_levels, _logger) = (levels, logger);

    /// <summary>True when the logger says what is of that level.</summary>
    public bool IsOn(LogLevel level)
    {
        var now = _levels.Now;
        var last = Volatile.Read(ref _last);
        if (last is null || !ReferenceEquals(last.Of, now))
            Volatile.Write(ref _last, last = new Reading(now, now.Of(_logger)));
        return level >= last.Level && level != LogLevel.None;
    }

    private sealed record Reading(LogLevels.Picture Of, LogLevel Level);
}
