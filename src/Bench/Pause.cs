using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Barnabas.Bench;

/// <summary>Waits until a point in time, to a few microseconds: it sleeps, and turns round for the last
/// stretch.</summary>
internal static unsafe partial class Pause
{
    private const int SetTimerSlack = 29;
    private static readonly long Turning = Stopwatch.Frequency / 1_000_000 * 40;
    private static readonly long Coarse = Stopwatch.Frequency / 1_000 * 2;

    /// <summary>Has the kernel wake this thread when it asked for it, and not up to 50 us later.</summary>
    public static void Sharpen()
    {
        if (OperatingSystem.IsLinux())
            _ = Control(SetTimerSlack, 1, 0, 0, 0);
    }

    /// <summary>Returns once the clock has reached a timestamp.</summary>
    /// <returns>The timestamp of the return.</returns>
    public static long Until(long timestamp)
    {
        while (true)
        {
            var now = Stopwatch.GetTimestamp();
            var left = timestamp - now;
            if (left <= 0)
                return now;
            if (OperatingSystem.IsLinux() && left > Turning)
                Sleep(left - Turning);
            else if (left > Coarse)
                Thread.Sleep(1);
            else
                Thread.SpinWait(10);
        }
    }

    private static void Sleep(long ticks)
    {
        var nanoseconds = (long)(ticks * (1e9 / Stopwatch.Frequency));
        var (seconds, rest) = Math.DivRem(nanoseconds, 1_000_000_000);
        var time = new Time { Seconds = (nint)seconds, Nanoseconds = (nint)rest };
        _ = Sleep(&time, null);
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int Sleep(Time* time, Time* left);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint first, nuint second, nuint third, nuint fourth);

    private struct Time
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
