using System.Diagnostics;

namespace Barnabas.Bench;

/// <summary>When a run begins, from when on it counts, and when it ends. Set once, before the threads
/// start.</summary>
public sealed class RunWindow
{
    private volatile bool _stopped;

    /// <summary>The timestamp at which the threads start.</summary>
    public long Start { get; private set; }

    /// <summary>The timestamp from which on it counts.</summary>
    public long From { get; private set; }

    /// <summary>The timestamp at which nothing more is begun.</summary>
    public long End { get; private set; }

    /// <summary>True once nothing more is to be begun, whatever the time.</summary>
    public bool IsStopped => _stopped;

    /// <summary>Sets the window to begin now.</summary>
    public void Open(TimeSpan warmUp, TimeSpan duration)
    {
        Start = Stopwatch.GetTimestamp();
        From = Start + Ticks(warmUp);
        End = From + Ticks(duration);
    }

    /// <summary>Ends the run early.</summary>
    public void Stop() => _stopped = true;

    /// <summary>True when something may be begun at a timestamp.</summary>
    public bool IsOpen(long now) => now < End && !_stopped;

    /// <summary>True when what ends at a timestamp counts.</summary>
    public bool Measures(long now) => now >= From && now <= End;

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);
}
