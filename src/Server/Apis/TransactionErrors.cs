using Barnabas.Base;

namespace Barnabas.Server.Apis;

/// <summary>Errors of transactions in the words of older clients.</summary>
internal static class TransactionErrors
{
    /// <summary>PRODUCER_FENCED as INVALID_PRODUCER_EPOCH for clients that do not know it; they take it for the
    /// same.</summary>
    public static ErrorCode ForClient(ErrorCode error, bool knowsFenced) =>
        error == ErrorCode.ProducerFenced && !knowsFenced ? ErrorCode.InvalidProducerEpoch : error;
}
