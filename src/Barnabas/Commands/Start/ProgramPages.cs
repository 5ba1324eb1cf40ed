using System.Globalization;
using System.Runtime.InteropServices;

namespace Barnabas.Cli.Commands.Start;

/// <summary>The pages of the program's own files, its code above all, that count as memory of this process.</summary>
/// <remarks>A start runs through much that is never run again, and with each page the system maps those around it. What
/// is given back stays in the system's cache: a page that is wanted again costs a fault, and no read. Only what nobody
/// writes is given back, executable code and files that are shared: none of it can be lost.</remarks>
internal static partial class ProgramPages
{
    private const string Account = "/proc/self/smaps";
    private const int DoNotNeed = 4;

    /// <summary>Gives them back, where the system has a way to do so.</summary>
    /// <returns>How many bytes of addresses were looked through; 0 where there was nothing to be done.</returns>
    public static long GiveBack()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(Account))
            return 0;
        var bytes = 0L;
        foreach (var (start, length) in UnwrittenOf(File.ReadLines(Account)).ToList())
        {
            if (Advise(start, length, DoNotNeed) == 0)
                bytes += (long)length;
        }

        return bytes;
    }

    /// <summary>The ranges of addresses that hold code, or parts of shared files, as the files have them.</summary>
    /// <param name="account">The lines of <c>/proc/PID/smaps</c>.</param>
    internal static IEnumerable<(nuint Start, nuint Length)> UnwrittenOf(IEnumerable<string> account)
    {
        (nuint Start, nuint Length)? range = null;
        foreach (var line in account)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (!words[0].EndsWith(':'))
            {
                range = RangeOf(words);
            }
            else if (words[0] == "Anonymous:" && words[1] == "0" && range is { } unwritten)
            {
                yield return unwritten;
            }
        }
    }

    // START-END PERMISSIONS OFFSET DEVICE INODE PATH; memory that only looks like a file has a path too.
    private static (nuint Start, nuint Length)? RangeOf(string[] words)
    {
        if (words is not [var range, "r-xp" or "r--s", _, _, _, var path] || path[0] != '/')
            return null;
        var dash = range.IndexOf('-');
        var start = nuint.Parse(range.AsSpan(0, dash), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        var end = nuint.Parse(range.AsSpan(dash + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return (start, end - start);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nuint start, nuint length, int advice);
}
