using System.Diagnostics;

namespace Barnabas.Tests.Nemesis;

/// <summary>The time that the machine has given us: it stands while the machine does, and goes slower while that has
/// other things to do.</summary>
/// <remarks>What has to happen within a time is held against this clock, so that a machine that is busy is not taken
/// for a cluster that failed. A thread does the same small piece of work again and again: where it takes longer than it
/// ever has, or begins later than it was to, the difference does not count.</remarks>
internal sealed class MachineClock : IDisposable
{
    private const int Rounds = 400_000;
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Late = TimeSpan.FromMilliseconds(10);
    private readonly Thread _thread;
    private volatile bool _ends;
    private long _given;
    private long _passed;

    /// <summary>A clock that goes from now on.</summary>
    public MachineClock()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "machine clock" };
        _thread.Start();
    }

    /// <summary>How much time the machine has given since the beginning.</summary>
    public TimeSpan Given => TimeSpan.FromTicks(Volatile.Read(ref _given));

    /// <summary>How much of the time since the beginning it has not.</summary>
    public TimeSpan Withheld => TimeSpan.FromTicks(Volatile.Read(ref _passed) - Volatile.Read(ref _given));

    /// <inheritdoc/>
    public void Dispose()
    {
        _ends = true;
        _thread.Join();
    }

    private void Run()
    {
        var least = TimeSpan.MaxValue;
        var seed = 1u;
        while (!_ends)
        {
            var began = Stopwatch.GetTimestamp();
            for (var i = 0; i < Rounds; i++)
                seed = (seed * 1_664_525) + 1_013_904_223;
            var worked = Stopwatch.GetElapsedTime(began);
            if (worked < least)
                least = worked;
            Thread.Sleep(Rest);
            var passed = Stopwatch.GetElapsedTime(began);
            Volatile.Write(ref _passed, _passed + passed.Ticks);
            Volatile.Write(ref _given, _given + CountOf(worked, least, passed - worked).Ticks);
        }

        GC.KeepAlive(seed);
    }

    /// <summary>What counts of a round.</summary>
    /// <param name="work">How long the work took.</param>
    /// <param name="least">The least that it has ever taken.</param>
    /// <param name="rest">How long the rest was.</param>
    private static TimeSpan CountOf(TimeSpan work, TimeSpan least, TimeSpan rest)
    {
        var counted = rest <= Rest + Late ? rest : Rest;
        return least + (counted * (least / work));
    }
}
