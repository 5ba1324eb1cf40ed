namespace Barnabas.Cli;

/// <summary>A command cannot do what it was asked; the message says why and what to do.</summary>
/// <param name="code">The exit code.</param>
/// <param name="message">Why, without a full stop.</param>
internal sealed class CliException(int code, string message) : Exception(message)
{
    /// <summary>The exit code.</summary>
    public int Code { get; } = code;

    /// <summary>The arguments contradict each other, or a value is none.</summary>
    public static CliException Usage(string message) => new(ExitCode.Usage, message);
}
