using Barnabas.Base;

namespace Barnabas.Tests.Simulation.Node;

/// <summary>A scripted life of a node, in which every call of the disk fails once, and the machine stops at every one
/// of them. Afterwards all that was acknowledged is there, and what stands beside it equals a replay.</summary>
public sealed class EveryCallTests() : EveryCallTheory(Every)
{
    /// <summary>What a write may be answered with when the disk fails under it; later ones find a gap before
    /// them.</summary>
    private static readonly HashSet<ErrorCode> Explained =
        [ErrorCode.None, ErrorCode.KafkaStorageError, ErrorCode.RequestTimedOut, ErrorCode.OutOfOrderSequenceNumber];

    private static readonly EveryCall Every = new(static seed => new TopicScript(seed), Explained);

    [Fact]
    public void Without_a_fault_everything_is_acknowledged()
    {
        var script = (TopicScript)Every.PlayWhole();
        Assert.Equal([ErrorCode.None], script.Errors);
        Assert.Equal(26, script.Acknowledged);
        Assert.InRange(Every.Count, 300, 5000);
    }
}
