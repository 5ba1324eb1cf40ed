using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>What an error means for a transactional producer.</summary>
internal static class TransactionFault
{
    /// <summary>True when the error says that the producer's epoch is over.</summary>
    public static bool IsFence(ErrorCode code) =>
        code is ErrorCode.ProducerFenced or ErrorCode.InvalidProducerEpoch;

    /// <summary>True when the error ends the producer, not only the transaction.</summary>
    public static bool IsFatal(ErrorCode code) => IsFence(code) || code is ErrorCode.TransactionalIdAuthorizationFailed
        or ErrorCode.ClusterAuthorizationFailed or ErrorCode.UnsupportedVersion or ErrorCode.UnsupportedForMessageFormat
        or ErrorCode.InvalidProducerIdMapping or ErrorCode.UnknownProducerId or ErrorCode.InvalidTransactionTimeout;

    /// <summary>True when a refusal to end a transaction leaves open whether it is ended: a coordinator that cannot
    /// write, or loses its office, answers so after it has begun.</summary>
    public static bool IsIndefiniteEnd(ErrorCode code) =>
        code == ErrorCode.UnknownServerError || (code.IsRetriable() && code != ErrorCode.CoordinatorLoadInProgress);

    /// <summary>The exception of an error.</summary>
    /// <param name="code">The error.</param>
    /// <param name="why">What was to be done; null for nothing to add.</param>
    /// <param name="isOverdue">True when the transaction was open for longer than it may.</param>
    /// <param name="mayHaveBeenApplied">Whether the outcome is open.</param>
    public static KafkaException Of(ErrorCode code, string? why, bool isOverdue, bool mayHaveBeenApplied)
    {
        var words = why is null ? code.Meaning() : $"{why}: {code.Meaning()}";
        if (isOverdue && (IsFence(code) || code == ErrorCode.InvalidTxnState))
            return TimedOut(code, why, isFatal: IsFence(code), mayHaveBeenApplied);
        if (IsFence(code))
            return new ProducerFencedException(code, words) { IsFatal = true, MayHaveBeenApplied = mayHaveBeenApplied };
        return IsFatal(code)
            ? new KafkaException(code, words) { IsFatal = true, MayHaveBeenApplied = mayHaveBeenApplied }
            : new TransactionAbortableException(code, words) { MayHaveBeenApplied = mayHaveBeenApplied };
    }

    /// <summary>The exception of an error of a partition, which has not the last word on a producer's epoch: its
    /// coordinator has, when it is told to abort.</summary>
    public static KafkaException OfPartition(ErrorCode code, string? why, bool isOverdue, bool mayHaveBeenApplied) =>
        code is not (ErrorCode.InvalidProducerEpoch or ErrorCode.UnknownProducerId)
            ? Of(code, why, isOverdue, mayHaveBeenApplied)
            : isOverdue
                ? TimedOut(code, why, isFatal: false, mayHaveBeenApplied)
                : new TransactionAbortableException(code, why) { MayHaveBeenApplied = mayHaveBeenApplied };

    /// <summary>An exception told of before, of the same kind, for another record or call.</summary>
    public static KafkaException Again(KafkaException fault, bool mayHaveBeenApplied) => fault switch
    {
        ProducerFencedException => new ProducerFencedException(fault.Code, fault.Reason, fault)
        {
            IsFatal = true,
            MayHaveBeenApplied = mayHaveBeenApplied,
        },
        TransactionTimedOutException => new TransactionTimedOutException(fault.Code, fault.Reason, fault)
        {
            IsFatal = fault.IsFatal,
            MayHaveBeenApplied = mayHaveBeenApplied,
        },
        TransactionAbortableException => new TransactionAbortableException(fault.Code, fault.Reason, fault)
        {
            MayHaveBeenApplied = mayHaveBeenApplied,
        },
        _ => new KafkaException(fault.Code, fault.Reason, fault)
        {
            IsFatal = fault.IsFatal,
            MayHaveBeenApplied = mayHaveBeenApplied,
        },
    };

    private static TransactionTimedOutException TimedOut(
        ErrorCode code, string? why, bool isFatal, bool mayHaveBeenApplied)
    {
        var words = "the transaction was open for longer than its timeout";
        return new(code, why is null ? words : $"{why}: {words}")
        {
            IsFatal = isFatal,
            MayHaveBeenApplied = mayHaveBeenApplied,
        };
    }
}
