using Microsoft.Extensions.Logging;

namespace Barnabas.Base;

/// <summary>Everything a node may take from outside itself. Nothing else in the product reaches the machine.</summary>
/// <param name="Time">Clock and timers.</param>
/// <param name="Random">The node's only source of chance.</param>
/// <param name="Network">Listening and dialling.</param>
/// <param name="Disk">Files and directories.</param>
/// <param name="Lanes">Serial executors, and threads for work that blocks.</param>
/// <param name="Log">Where the node says what it does.</param>
public sealed record Host(
    TimeProvider Time, RandomSource Random, INetwork Network, IDisk Disk, ILaneFactory Lanes, ILoggerFactory Log)
{
    /// <summary>How much each logger of <see cref="Log"/> says.</summary>
    public LogLevels LogLevels { get; init; } = new();

    /// <summary>What is wrong with the node on purpose: nothing, but in tests of the tests.</summary>
    internal PlantedBug Planted { get; init; }

    /// <summary>True when the node is to have this bug.</summary>
    internal bool Has(PlantedBug bug) => Planted == bug;
}
