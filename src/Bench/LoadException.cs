using Barnabas.Base;

namespace Barnabas.Bench;

/// <summary>A load cannot go on: the broker refuses what it is sent, or answers what it was not
/// asked.</summary>
/// <param name="message">Why.</param>
public sealed class LoadException(string message) : Exception(message)
{
    /// <summary>A broker's refusal.</summary>
    public static LoadException Refused(string what, string topic, int partition, ErrorCode code) =>
        new($"{what} of {topic}-{partition} was answered with {code.KafkaName()}");
}
