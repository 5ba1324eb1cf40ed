using Barnabas.Base;
using Barnabas.Tests.Simulation.Node;

namespace Barnabas.Tests.Simulation.Transactions;

/// <summary>A scripted life of a transactional producer, in which every call of the disk fails once, and the machine
/// stops at every one of them. Afterwards every verdict that was acknowledged holds in all partitions, whatever was
/// not is all or nothing, and no transaction hangs.</summary>
public sealed class EveryTransactionCallTests() : EveryCallTheory(Every)
{
    /// <summary>What a producer may be told when the disk fails under its coordinator or its partitions.</summary>
    private static readonly HashSet<ErrorCode> Explained =
    [
        ErrorCode.None, ErrorCode.NotCoordinator, ErrorCode.CoordinatorLoadInProgress,
        ErrorCode.CoordinatorNotAvailable, ErrorCode.ConcurrentTransactions, ErrorCode.InvalidTxnState,
        ErrorCode.ProducerFenced, ErrorCode.InvalidProducerEpoch, ErrorCode.InvalidProducerIdMapping,
        ErrorCode.KafkaStorageError, ErrorCode.TransactionAbortable, ErrorCode.RequestTimedOut,
        ErrorCode.OutOfOrderSequenceNumber, ErrorCode.NotLeaderOrFollower, ErrorCode.NotEnoughReplicas,
    ];

    private static readonly EveryCall Every = new(static seed => new TransactionScript(seed), Explained);

    [Fact]
    public void Without_a_fault_everything_is_acknowledged()
    {
        var script = (TransactionScript)Every.PlayWhole();
        Assert.Equal(4, script.Ended);
        Assert.InRange(Every.Count, 150, 5000);
    }
}
