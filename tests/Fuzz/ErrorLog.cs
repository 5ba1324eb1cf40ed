using Microsoft.Extensions.Logging;

namespace Barnabas.Tests.Fuzz;

/// <summary>Keeps what a node reports as its own error, and lets all else pass.</summary>
internal sealed class ErrorLog : ILoggerFactory, ILogger
{
    /// <summary>The errors, with their stacks.</summary>
    public List<string> Errors { get; } = [];

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => this;

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider)
    {
    }

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    /// <inheritdoc/>
    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            Errors.Add($"{formatter(state, exception)}\n{exception}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
