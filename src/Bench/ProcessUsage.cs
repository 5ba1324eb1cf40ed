using System.Globalization;

namespace Barnabas.Bench;

/// <summary>What a process has used so far, as Linux tells it under /proc.</summary>
/// <param name="Processor">Time of processors, its own and the kernel's for it.</param>
/// <param name="Resident">Bytes of memory it has now.</param>
/// <param name="Anonymous">Those of them that hold no file's bytes, as its code's are: what it asked for.</param>
/// <param name="Peak">The most bytes of memory it ever had.</param>
/// <param name="Threads">How many threads it has.</param>
/// <param name="Switches">How often its threads of now were put off a processor.</param>
public readonly record struct ProcessUsage(
    TimeSpan Processor, long Resident, long Anonymous, long Peak, int Threads, long Switches)
{
    private const double TicksPerSecond = 100;

    /// <summary>Reads what a process uses; null where it is gone, or the machine does not tell.</summary>
    public static ProcessUsage? Read(int process)
    {
        var root = $"/proc/{process}";
        try
        {
            var fields = FieldsOfStat(File.ReadAllText($"{root}/stat"));
            var status = File.ReadAllLines($"{root}/status");
            var switches = Directory.EnumerateDirectories($"{root}/task").Sum(static task => SwitchesOf(task));
            return new(
                TimeSpan.FromSeconds((Number(fields[11]) + Number(fields[12])) / TicksPerSecond),
                Kibibytes(status, "VmRSS:"), Kibibytes(status, "RssAnon:"), Kibibytes(status, "VmHWM:"),
                (int)Number(fields[17]), switches);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>What several processes use together; null where one of them is gone.</summary>
    public static ProcessUsage? Read(IReadOnlyList<int> processes)
    {
        var sum = default(ProcessUsage);
        foreach (var process in processes)
        {
            if (Read(process) is not { } one)
                return null;
            sum = new(
                sum.Processor + one.Processor, sum.Resident + one.Resident, sum.Anonymous + one.Anonymous,
                sum.Peak + one.Peak, sum.Threads + one.Threads, sum.Switches + one.Switches);
        }

        return processes.Count == 0 ? null : sum;
    }

    /// <summary>The fields of a stat file from the process's state on: its name may hold anything, brackets
    /// too.</summary>
    internal static string[] FieldsOfStat(string text) =>
        text[(text.LastIndexOf(')') + 2)..].TrimEnd('\n').Split(' ');

    private static long SwitchesOf(string task)
    {
        try
        {
            return File.ReadLines($"{task}/status")
                .Where(static line => line.Contains("ctxt_switches:", StringComparison.Ordinal))
                .Sum(static line => Number(line[(line.IndexOf(':') + 1)..].Trim()));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The thread ended meanwhile.
            return 0;
        }
    }

    private static long Kibibytes(string[] status, string name)
    {
        var line = Array.Find(status, one => one.StartsWith(name, StringComparison.Ordinal));
        return line is null ? 0 : Number(line[name.Length..].Trim().Split(' ')[0]) << 10;
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
