using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>What a produce error says about the records, and what can be done.</summary>
internal static class ProducerError
{
    /// <summary>True when the records may be in the log all the same: the answer leaves it open.</summary>
    /// <remarks>NOT_LEADER_OR_FOLLOWER is among them: a leader that loses its office while the records wait for their
    /// replicas answers so after it has appended them.</remarks>
    public static bool IsIndefinite(ErrorCode code) => code is ErrorCode.RequestTimedOut
        or ErrorCode.NotEnoughReplicasAfterAppend or ErrorCode.KafkaStorageError or ErrorCode.UnknownServerError
        or ErrorCode.NetworkException or ErrorCode.NotLeaderOrFollower;

    /// <summary>True when the error ends the producer, not only the batch.</summary>
    public static bool IsFatal(ErrorCode code) => code is ErrorCode.ProducerFenced
        or ErrorCode.ClusterAuthorizationFailed or ErrorCode.TransactionalIdAuthorizationFailed
        or ErrorCode.UnsupportedVersion or ErrorCode.UnsupportedForMessageFormat
        or ErrorCode.InvalidProducerIdMapping;

    /// <summary>What is to be done with a batch that came back with an error.</summary>
    /// <param name="code">The error.</param>
    /// <param name="isHead">True when no batch sent before it is unsettled.</param>
    /// <param name="isIdempotent">True when the broker keeps track of sequences.</param>
    /// <param name="mayHaveBeenApplied">True when an earlier attempt left open whether the records are in the
    /// log.</param>
    /// <param name="records">How many records the batch has.</param>
    public static Remedy RemedyOf(
        ErrorCode code, bool isHead, bool isIdempotent, bool mayHaveBeenApplied, int records)
    {
        if (code == ErrorCode.MessageTooLarge && records > 1)
            return Remedy.Split;
        if (!isIdempotent)
            return code.IsRetriable() ? Remedy.Retry : Remedy.GiveUp;
        return code switch
        {
            // An earlier batch has not come through yet: this one only has to wait for it.
            ErrorCode.OutOfOrderSequenceNumber when !isHead => Remedy.Retry,
            // The broker misses records that were acknowledged: they are lost, and this one cannot follow them.
            ErrorCode.OutOfOrderSequenceNumber => Remedy.GiveUpAndRaiseEpoch,
            // The broker has forgotten the producer, or knows a later epoch of it: begin anew, unless that could
            // write the records twice.
            ErrorCode.UnknownProducerId or ErrorCode.InvalidProducerEpoch => mayHaveBeenApplied
                ? Remedy.GiveUpAndRaiseEpoch
                : Remedy.RaiseEpochAndRetry,
            _ when code.IsRetriable() => Remedy.Retry,
            _ => Remedy.GiveUpAndRaiseEpoch,
        };
    }
}

/// <summary>What is done with a batch that came back with an error.</summary>
internal enum Remedy
{
    /// <summary>It is sent again.</summary>
    Retry,

    /// <summary>It is sent again as two.</summary>
    Split,

    /// <summary>It fails.</summary>
    GiveUp,

    /// <summary>It fails, and the gap it leaves is closed by a new epoch (KIP-360).</summary>
    GiveUpAndRaiseEpoch,

    /// <summary>It is sent again under a new epoch (KIP-360).</summary>
    RaiseEpochAndRetry,
}
