using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>No broker could be reached.</summary>
/// <param name="addresses">The addresses that were tried.</param>
/// <param name="reason">What the last of them came to.</param>
/// <param name="inner">The fault beneath; null when there is none.</param>
public sealed class BrokersUnreachableException(
    IReadOnlyList<string> addresses, string reason, Exception? inner = null)
    : KafkaException(ErrorCode.NetworkException, $"no broker at {string.Join(", ", addresses)}: {reason}", inner)
{
    /// <summary>The addresses that were tried.</summary>
    public IReadOnlyList<string> Addresses { get; } = addresses;
}
