using Barnabas.Base;
using Barnabas.Cluster.Configs;

namespace Barnabas.Cluster;

/// <summary>An outcome as an answer tells it.</summary>
/// <param name="Code">The code.</param>
/// <param name="Message">What exactly was wrong; null for success, or where the code says all.</param>
public readonly record struct ApiError(ErrorCode Code, string? Message)
{
    private const int LongestMessage = 2_000;

    /// <summary>Success.</summary>
    public static readonly ApiError None = new(ErrorCode.None, null);

    /// <summary>What exactly was wrong; null for success, or where the code says all. It may quote what a client sent,
    /// and is cut short where an answer could not carry it.</summary>
    public string? Message { get; init; } =
        Message is { Length: > LongestMessage } ? $"{Message.AsSpan(0, LongestMessage)}…" : Message;

    /// <summary>True unless it is success.</summary>
    public bool IsFailure => Code != ErrorCode.None;

    /// <summary>What came of checking configs.</summary>
    public static ApiError Of(ConfigOutcome outcome) => new(outcome.Error, outcome.Message);

    /// <summary>The code with its general meaning as the message.</summary>
    public static ApiError Of(ErrorCode code) => new(code, code.Meaning());
}
