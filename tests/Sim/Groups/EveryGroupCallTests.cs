using Barnabas.Base;
using Barnabas.Tests.Simulation.Node;

namespace Barnabas.Tests.Simulation.Groups;

/// <summary>A scripted life of groups, in which every call of the disk fails once, and the machine stops at every one
/// of them. Afterwards every commit that was acknowledged is found, and no partition has two owners.</summary>
public sealed class EveryGroupCallTests() : EveryCallTheory(Every)
{
    /// <summary>What members may be told when the disk fails under their group: it is loaded anew, and a generation
    /// that was not kept is forgotten.</summary>
    private static readonly HashSet<ErrorCode> Explained =
    [
        ErrorCode.None, ErrorCode.NotCoordinator, ErrorCode.CoordinatorLoadInProgress,
        ErrorCode.CoordinatorNotAvailable, ErrorCode.UnknownMemberId, ErrorCode.IllegalGeneration,
        ErrorCode.FencedInstanceId, ErrorCode.RebalanceInProgress, ErrorCode.GroupIdNotFound,
    ];

    private static readonly EveryCall Every = new(static seed => new GroupScript(seed), Explained);

    [Fact]
    public void Without_a_fault_everything_is_acknowledged()
    {
        var script = (GroupScript)Every.PlayWhole();
        Assert.Equal([ErrorCode.None, ErrorCode.IllegalGeneration], script.Errors.Order());
        Assert.Equal(15, script.Acknowledged);
        Assert.InRange(Every.Count, 150, 5000);
    }
}
