using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>The transaction cannot be committed: a record of it could not be delivered, say. It is to be aborted, and
/// what it was to do may be tried again in a new one of the same producer.</summary>
/// <param name="code">What made it so.</param>
/// <param name="message">What happened, in words; the code's own meaning if null.</param>
/// <param name="inner">The fault beneath; null when there is none.</param>
public sealed class TransactionAbortableException(ErrorCode code, string? message = null, Exception? inner = null)
    : KafkaException(code, message, inner);
