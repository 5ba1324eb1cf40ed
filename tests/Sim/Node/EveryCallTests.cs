using Barnabas.Base;
using Barnabas.Sim;

namespace Barnabas.Tests.Simulation.Node;

/// <summary>A scripted life of a node, in which every call of the disk fails once, and the machine stops at every one
/// of them. Afterwards all that was acknowledged is there, and what stands beside it equals a replay.</summary>
public sealed class EveryCallTests
{
    private const int Seed = 11;

    /// <summary>What a write may be answered with when the disk fails under it; later ones find a gap before
    /// them.</summary>
    private static readonly HashSet<ErrorCode> Explained =
        [ErrorCode.None, ErrorCode.KafkaStorageError, ErrorCode.RequestTimedOut, ErrorCode.OutOfOrderSequenceNumber];

    private static readonly int Calls = Count();

    [Fact]
    public void Without_a_fault_everything_is_acknowledged()
    {
        var script = new Script(Seed);
        script.Play();
        Assert.Equal([ErrorCode.None], script.Errors);
        Assert.Equal(26, script.Acknowledged);
        script.CheckAfterwards(Seed);
        Assert.InRange(Calls, 300, 5000);
    }

    [Theory]
    [InlineData(false, CrashKind.KeepsAll)]
    [InlineData(false, CrashKind.Tears)]
    [InlineData(true, CrashKind.KeepsAll)]
    [InlineData(true, CrashKind.LosesAll)]
    public void Whatever_call_fails_nothing_acknowledged_is_lost(bool andAfter, CrashKind kind) =>
        Workers.ForEachCase(1, Calls, call => Told($"call {call} fails", () =>
        {
            var script = new Script(Seed);
            script.Disk.FailAt(call, andAfter);
            script.Play();
            Assert.True(script.Errors.IsSubsetOf(Explained), string.Join(' ', script.Errors));
            script.Disk.Crash(kind);
            script.CheckAfterwards(call);
        }));

    [Theory]
    [InlineData(CrashKind.KeepsAll)]
    [InlineData(CrashKind.LosesAll)]
    [InlineData(CrashKind.Tears)]
    public void Wherever_the_machine_stops_nothing_acknowledged_is_lost(CrashKind kind) =>
        Workers.ForEachCase(1, Calls, call => Told($"{kind} at call {call}", () =>
        {
            var script = new Script(Seed);
            script.Disk.FailAt(call, andAfter: true);
            script.World.AfterStep = () =>
            {
                if (script.Disk.Calls >= call)
                    throw new OperationCanceledException("the machine stops");
            };
            Assert.Throws<OperationCanceledException>(script.Play);
            script.Disk.Crash(kind);
            script.CheckAfterwards(call);
        }));

    private static int Count()
    {
        var script = new Script(Seed);
        script.Play();
        return (int)script.Disk.Calls;
    }

    private static void Told(string what, Action act)
    {
        try
        {
            act();
        }
        catch (Exception fault)
        {
            throw new InvalidOperationException($"{what}: {fault.Message}", fault);
        }
    }
}
