using Barnabas.Sim;

namespace Barnabas.Tests.Simulation.Node;

/// <summary>What holds for a script at every call of the disk.</summary>
public abstract class EveryCallTheory
{
    private readonly EveryCall _every;

    internal EveryCallTheory(EveryCall every) => _every = every;

    [Theory]
    [InlineData(false, CrashKind.KeepsAll)]
    [InlineData(false, CrashKind.Tears)]
    [InlineData(true, CrashKind.KeepsAll)]
    [InlineData(true, CrashKind.LosesAll)]
    public void Whatever_call_fails_nothing_acknowledged_is_lost(bool andAfter, CrashKind kind) =>
        _every.Fails(andAfter, kind);

    [Theory]
    [InlineData(CrashKind.KeepsAll)]
    [InlineData(CrashKind.LosesAll)]
    [InlineData(CrashKind.Tears)]
    public void Wherever_the_machine_stops_nothing_acknowledged_is_lost(CrashKind kind) => _every.Stops(kind);
}
