using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Barnabas.Cli.Commands.Start;

/// <summary>Writes the node's log to stderr, a line an event.</summary>
internal sealed class StderrLog : ILoggerProvider
{
    private readonly Lock _line = new();

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) =>
        new Logger(this, categoryName[(categoryName.LastIndexOf('.') + 1)..]);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private void Write(LogLevel level, string category, string text, Exception? fault)
    {
        var name = level switch
        {
            LogLevel.Critical => "FATAL",
            LogLevel.Error => "ERROR",
            LogLevel.Warning => "WARN ",
            LogLevel.Information => "INFO ",
            _ => "DEBUG",
        };
        var time = DateTime.Now.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
        lock (_line)
        {
            Console.Error.WriteLine($"{time} {name} {category}: {text}");
            if (fault is not null)
                Console.Error.WriteLine(level >= LogLevel.Critical ? fault.ToString() : $"  {fault.Message}");
        }
    }

    private sealed class Logger(StderrLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => log.Write(logLevel, category, formatter(state, exception), exception);
    }
}
