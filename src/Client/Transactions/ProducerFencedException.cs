using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>Another producer has taken the transactional id over (KIP-98): this one can do nothing more, and what it
/// had not committed is aborted. The program should end, or leave its work to the other.</summary>
/// <param name="code">How it was told: PRODUCER_FENCED or INVALID_PRODUCER_EPOCH.</param>
/// <param name="message">What happened, in words; the code's own meaning if null.</param>
/// <param name="inner">The fault beneath; null when there is none.</param>
public sealed class ProducerFencedException(ErrorCode code, string? message = null, Exception? inner = null)
    : KafkaException(code, message, inner);
