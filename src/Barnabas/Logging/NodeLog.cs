using System.Collections.Concurrent;
using Barnabas.Base;
using Microsoft.Extensions.Logging;

namespace Barnabas.Cli.Logging;

/// <summary>The node's log: a line an event, to stderr. Levels can be changed while it runs.</summary>
/// <param name="levels">How much each logger says.</param>
/// <param name="format">What a line looks like.</param>
/// <param name="to">Where lines go.</param>
/// <param name="time">Whence the time of an event.</param>
internal sealed class NodeLog(LogLevels levels, ILineFormat format, Stream to, TimeProvider time) : ILoggerFactory
{
    private readonly ConcurrentDictionary<string, ILogger> _loggers = new(StringComparer.Ordinal);
    private readonly Lock _line = new();

    /// <summary>A log to the process's stderr.</summary>
    public static NodeLog ToStderr(LogLevels levels, ILineFormat format) =>
        new(levels, format, Console.OpenStandardError(), TimeProvider.System);

    /// <inheritdoc/>
    /// <remarks>One for each name: every partition asks for the same.</remarks>
    public ILogger CreateLogger(string categoryName) => _loggers.GetOrAdd(
        categoryName, name => new Logger(this, name, levels.SwitchOf(name)));

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) =>
        throw new NotSupportedException("the node's log has one place to go to");

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private void Write<TState>(LogLevel level, string category, TState state, string text, Exception? fault)
    {
        var line = format.Format(
            new LogEvent(time.GetLocalNow(), level, category, text, fault)
            {
                Values = state as IReadOnlyList<KeyValuePair<string, object?>> ?? [],
            });
        lock (_line)
        {
            try
            {
                to.Write(line);
            }
            catch (IOException)
            {
                // Nobody reads our stderr any more; the node goes on without.
            }
        }
    }

    private sealed class Logger(NodeLog log, string category, LogSwitch level) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => level.IsOn(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (level.IsOn(logLevel))
                log.Write(logLevel, category, state, formatter(state, exception), exception);
        }
    }
}
