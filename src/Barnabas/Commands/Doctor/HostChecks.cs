using System.Globalization;

namespace Barnabas.Cli.Commands;

/// <summary>Whether this machine suits a broker.</summary>
internal static class HostChecks
{
    private const long WantedDescriptors = 65_536;
    private const string Limits = "/proc/self/limits";
    private const string OpenFiles = "Max open files";

    /// <summary>Runs them all.</summary>
    public static void Run(List<Finding> findings)
    {
        if (File.Exists(Limits) && Descriptors(File.ReadLines(Limits)) is { } limit)
        {
            findings.Add(limit >= WantedDescriptors
                ? new(Verdict.Ok, "fd-limit", $"this shell may open {limit} files")
                : new(
                    Verdict.Warn, "fd-limit", $"this shell may open {limit} files, few for a broker started from it",
                    $"ulimit -n {WantedDescriptors}, or LimitNOFILE={WantedDescriptors} in the unit"));
        }

        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        findings.Add(new(
            Verdict.Ok, "machine", $"{Environment.ProcessorCount} processors, {Sizes.Text(memory)} of memory"));
    }

    /// <summary>The soft limit of open files in the text of <c>/proc/self/limits</c>; null where it is not
    /// there.</summary>
    internal static long? Descriptors(IEnumerable<string> lines)
    {
        if (lines.FirstOrDefault(l => l.StartsWith(OpenFiles, StringComparison.Ordinal)) is not { } line)
            return null;
        var soft = line[OpenFiles.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        if (soft == "unlimited")
            return long.MaxValue;
        return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : null;
    }
}
