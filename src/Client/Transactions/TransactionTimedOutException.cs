using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>The transaction was open for longer than <see cref="ProducerOptions.TransactionTimeout"/>, and the
/// coordinator has aborted it; what it was to do can be done again. Where <see cref="KafkaException.IsFatal"/> says so,
/// that has cost the producer its epoch: a new one of the same transactional id is needed. With
/// <c>transaction.version</c> 2 it has not, once the transaction is aborted on this side too.</summary>
/// <remarks>Some brokers tell this in the same words as that another producer has taken over (KIP-588 names the
/// case), so the client goes by its own clock: a transaction that has not been open for so long is told of as
/// <see cref="ProducerFencedException"/>.</remarks>
/// <param name="code">How it was told: PRODUCER_FENCED, INVALID_PRODUCER_EPOCH or INVALID_TXN_STATE.</param>
/// <param name="message">What happened, in words; the code's own meaning if null.</param>
/// <param name="inner">The fault beneath; null when there is none.</param>
public sealed class TransactionTimedOutException(ErrorCode code, string? message = null, Exception? inner = null)
    : KafkaException(code, message, inner);
