using Barnabas.Base;
using Barnabas.Tests.Simulation.Node;

namespace Barnabas.Tests.Simulation.Transactions;

/// <summary>A scripted life of transactions, in which every call of the disk fails once, and the machine stops at every
/// one of them. Afterwards readers see what was committed and nothing else, and positions moved with it (T2, T3,
/// T8).</summary>
public sealed class EveryMarkerCallTests() : EveryCallTheory(Every)
{
    private static readonly HashSet<ErrorCode> Explained =
    [
        ErrorCode.None, ErrorCode.KafkaStorageError, ErrorCode.RequestTimedOut, ErrorCode.NotLeaderOrFollower,
        ErrorCode.NotCoordinator, ErrorCode.CoordinatorLoadInProgress, ErrorCode.UnknownTopicOrPartition,
    ];

    private static readonly EveryCall Every = new(static seed => new MarkerScript(seed), Explained);

    [Fact]
    public void Without_a_fault_everything_is_acknowledged()
    {
        var script = (MarkerScript)Every.PlayWhole();
        Assert.Equal(20, script.Acknowledged);
        Assert.InRange(Every.Count, 100, 5000);
    }
}
