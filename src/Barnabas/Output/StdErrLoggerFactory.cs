using Microsoft.Extensions.Logging;

namespace Barnabas.Cli;

/// <summary>Writes what the client says of itself to stderr.</summary>
internal sealed class StdErrLoggerFactory : ILoggerFactory
{
    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider)
    {
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new StdErrLogger(categoryName);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class StdErrLogger(string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Debug;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            Console.Error.WriteLine($"{category}: {formatter(state, exception)}");
    }
}
