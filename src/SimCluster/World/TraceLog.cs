using Microsoft.Extensions.Logging;

namespace Barnabas.SimCluster;

/// <summary>Hands on what a broker logs to whoever follows the history.</summary>
/// <param name="broker">The broker's number.</param>
/// <param name="say">Told each line.</param>
internal sealed class TraceLog(int broker, Action<string> say) : ILoggerFactory, ILogger
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => this;

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider)
    {
        // Lines have one way to go.
    }

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    /// <inheritdoc/>
    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            say($"  {broker}: {formatter(state, exception)}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held.
    }
}
