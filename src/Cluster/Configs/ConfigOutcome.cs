using Barnabas.Base;

namespace Barnabas.Cluster.Configs;

/// <summary>What came of checking configs.</summary>
/// <param name="Error">None where they are good.</param>
/// <param name="Message">What is wrong, in Kafka's words where it has some; null where nothing is.</param>
public readonly record struct ConfigOutcome(ErrorCode Error, string? Message)
{
    /// <summary>Nothing is wrong.</summary>
    public static readonly ConfigOutcome Good = new(ErrorCode.None, null);

    /// <summary>True when nothing is wrong.</summary>
    public bool IsGood => Error == ErrorCode.None;

    /// <summary>A value that is not taken.</summary>
    public static ConfigOutcome Invalid(string message) => new(ErrorCode.InvalidConfig, message);

    /// <summary>A request that asks for what cannot be.</summary>
    public static ConfigOutcome Refused(string message) => new(ErrorCode.InvalidRequest, message);
}
