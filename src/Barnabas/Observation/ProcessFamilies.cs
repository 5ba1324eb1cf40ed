using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using Barnabas.Metrics;

namespace Barnabas.Cli.Observation;

/// <summary>What is measured of the process and of the .NET runtime, under the names that Prometheus' own client
/// libraries give it.</summary>
internal static class ProcessFamilies
{
    private const double Unlimited = double.PositiveInfinity;
    private static readonly string[] Generations = ["gen0", "gen1", "gen2"];

    /// <summary>The families.</summary>
    public static IEnumerable<MetricFamily> All => [.. OfProcess(), .. OfRuntime()];

    private static IEnumerable<MetricFamily> OfProcess()
    {
        var started = new DateTimeOffset(Process.GetCurrentProcess().StartTime).ToUnixTimeMilliseconds() / 1000.0;
        yield return MetricFamily.Of(
            "process.cpu_seconds", MetricKind.Counter, "s", "Processor time of the process.",
            () => Environment.CpuUsage.TotalTime.TotalSeconds);
        yield return MetricFamily.Of(
            "process.resident_memory_bytes", MetricKind.Gauge, "By", "Memory of the process that is in RAM.",
            () => Environment.WorkingSet);
        yield return MetricFamily.Of(
            "process.start_time_seconds", MetricKind.Gauge, "s", "When the process began, in seconds since 1970.",
            () => started);
        yield return MetricFamily.Of(
            "process.open_fds", MetricKind.Gauge, "{descriptor}", "File descriptors open.",
            () => Directory.EnumerateFileSystemEntries("/proc/self/fd").Count());
        yield return MetricFamily.Of(
            "process.max_fds", MetricKind.Gauge, "{descriptor}", "The most file descriptors that may be open.",
            MostFiles);
    }

    private static IEnumerable<MetricFamily> OfRuntime()
    {
        yield return new(
            "dotnet.gc_collections", MetricKind.Counter, "{collection}", "Garbage collections.", ["generation"],
            sink =>
            {
                for (var i = 0; i < Generations.Length; i++)
                    sink.Add(GC.CollectionCount(i), Generations[i]);
            });
        yield return MetricFamily.Of(
            "dotnet.gc_pause_seconds", MetricKind.Counter, "s", "Time the process stood still for garbage collection.",
            () => GC.GetTotalPauseDuration().TotalSeconds);
        yield return MetricFamily.Of(
            "dotnet.gc_allocated_bytes", MetricKind.Counter, "By", "Managed memory allocated since the start.",
            () => GC.GetTotalAllocatedBytes());
        yield return MetricFamily.Of(
            "dotnet.gc_heap_bytes", MetricKind.Gauge, "By", "Managed memory in use, what is garbage by now included.",
            () => GC.GetTotalMemory(forceFullCollection: false));
        yield return MetricFamily.Of(
            "dotnet.jit_seconds", MetricKind.Counter, "s", "Time spent compiling, of all threads.",
            () => JitInfo.GetCompilationTime().TotalSeconds);
        yield return MetricFamily.Of(
            "dotnet.threadpool_threads", MetricKind.Gauge, "{thread}", "Threads of the pool that runs the lanes.",
            () => ThreadPool.ThreadCount);
        yield return MetricFamily.Of(
            "dotnet.threadpool_queue_length", MetricKind.Gauge, "{item}", "Lanes that wait for a thread.",
            () => ThreadPool.PendingWorkItemCount);
    }

    // Max open files            1024                 524288               files
    private static double MostFiles()
    {
        var line = File.ReadLines("/proc/self/limits")
            .FirstOrDefault(l => l.StartsWith("Max open files", StringComparison.Ordinal));
        var words = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return words.Length > 3 && double.TryParse(words[3], CultureInfo.InvariantCulture, out var most)
            ? most
            : Unlimited;
    }
}
