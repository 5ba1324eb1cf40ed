using Barnabas.Base;
using Barnabas.Sim;

namespace Barnabas.Tests.Simulation.Node;

/// <summary>Plays a script again and again, and at each call of the disk something goes wrong.</summary>
/// <param name="begin">The script of a seed, at its beginning.</param>
/// <param name="explained">What requests may be answered with when the disk fails under them.</param>
internal sealed class EveryCall(Func<int, Script> begin, IReadOnlySet<ErrorCode> explained)
{
    private const int Seed = 11;

    /// <summary>How many calls the script makes.</summary>
    public int Count { get; } = CountCalls(begin(Seed));

    /// <summary>Plays it without a fault.</summary>
    public Script PlayWhole()
    {
        var script = begin(Seed);
        script.Play();
        script.CheckAfterwards(Seed);
        return script;
    }

    /// <summary>Each call fails, once or with all that follow.</summary>
    public void Fails(bool andAfter, CrashKind kind) =>
        Workers.ForEachCase(1, Count, call => Told($"call {call} fails", () =>
        {
            var script = begin(Seed);
            script.Disk.FailAt(call, andAfter);
            script.Play();
            Assert.True(script.Errors.IsSubsetOf(explained), string.Join(' ', script.Errors));
            script.Disk.Crash(kind);
            script.CheckAfterwards(call);
        }));

    /// <summary>The machine stops at each call.</summary>
    public void Stops(CrashKind kind) =>
        Workers.ForEachCase(1, Count, call => Told($"{kind} at call {call}", () =>
        {
            var script = begin(Seed);
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

    private static int CountCalls(Script script)
    {
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
