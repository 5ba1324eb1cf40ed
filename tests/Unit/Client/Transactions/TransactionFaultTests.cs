using Barnabas.Base;
using Barnabas.Client;

namespace Barnabas.Tests.Unit.Client.Transactions;

public sealed class TransactionFaultTests
{
    [Theory]
    [InlineData(ErrorCode.ProducerFenced, false, typeof(ProducerFencedException), true)]
    [InlineData(ErrorCode.ProducerFenced, true, typeof(TransactionTimedOutException), true)]
    [InlineData(ErrorCode.InvalidProducerEpoch, false, typeof(ProducerFencedException), true)]
    [InlineData(ErrorCode.InvalidProducerEpoch, true, typeof(TransactionTimedOutException), true)]
    [InlineData(ErrorCode.TransactionAbortable, false, typeof(TransactionAbortableException), false)]
    [InlineData(ErrorCode.InvalidTxnState, true, typeof(TransactionTimedOutException), false)]
    [InlineData(ErrorCode.InvalidTxnState, false, typeof(TransactionAbortableException), false)]
    [InlineData(ErrorCode.TopicAuthorizationFailed, false, typeof(TransactionAbortableException), false)]
    [InlineData(ErrorCode.IllegalGeneration, false, typeof(TransactionAbortableException), false)]
    [InlineData(ErrorCode.RequestTimedOut, false, typeof(TransactionAbortableException), false)]
    [InlineData(ErrorCode.TransactionalIdAuthorizationFailed, false, typeof(KafkaException), true)]
    [InlineData(ErrorCode.InvalidProducerIdMapping, true, typeof(KafkaException), true)]
    [InlineData(ErrorCode.InvalidTransactionTimeout, false, typeof(KafkaException), true)]
    [InlineData(ErrorCode.UnsupportedVersion, false, typeof(KafkaException), true)]
    public void Each_error_has_its_kind(ErrorCode code, bool isOverdue, Type kind, bool isFatal)
    {
        foreach (var mayHaveBeenApplied in (bool[])[false, true])
        {
            var fault = TransactionFault.Of(code, "the commit", isOverdue, mayHaveBeenApplied);
            var again = TransactionFault.Again(fault, !mayHaveBeenApplied);
            Assert.Equal((kind, isFatal), (fault.GetType(), fault.IsFatal));
            Assert.Equal((kind, isFatal), (again.GetType(), again.IsFatal));
            Assert.Equal(mayHaveBeenApplied, fault.MayHaveBeenApplied);
            Assert.Equal(!mayHaveBeenApplied, again.MayHaveBeenApplied);
            Assert.Equal((code, fault.Message), (again.Code, again.Message));
        }
    }

    [Theory]
    [InlineData(ErrorCode.InvalidProducerEpoch, false, typeof(TransactionAbortableException), false)]
    [InlineData(ErrorCode.InvalidProducerEpoch, true, typeof(TransactionTimedOutException), false)]
    [InlineData(ErrorCode.ProducerFenced, false, typeof(ProducerFencedException), true)]
    [InlineData(ErrorCode.InvalidRecord, false, typeof(TransactionAbortableException), false)]
    public void A_partition_has_not_the_last_word_on_an_epoch(ErrorCode code, bool isOverdue, Type kind, bool isFatal)
    {
        var fault = TransactionFault.OfPartition(code, null, isOverdue, mayHaveBeenApplied: false);
        Assert.Equal((kind, isFatal), (fault.GetType(), fault.IsFatal));
    }

    [Theory]
    [InlineData(ErrorCode.NotCoordinator, true)]
    [InlineData(ErrorCode.CoordinatorNotAvailable, true)]
    [InlineData(ErrorCode.ConcurrentTransactions, true)]
    [InlineData(ErrorCode.RequestTimedOut, true)]
    [InlineData(ErrorCode.UnknownServerError, true)]
    [InlineData(ErrorCode.CoordinatorLoadInProgress, false)]
    [InlineData(ErrorCode.ProducerFenced, false)]
    [InlineData(ErrorCode.InvalidTxnState, false)]
    [InlineData(ErrorCode.TransactionAbortable, false)]
    public void A_coordinator_that_lost_its_office_leaves_the_end_open(ErrorCode code, bool isIndefinite) =>
        Assert.Equal(isIndefinite, TransactionFault.IsIndefiniteEnd(code));
}
