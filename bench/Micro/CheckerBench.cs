using System.Diagnostics;
using System.Globalization;
using Barnabas.Tests.Checker;

namespace Barnabas.Bench.Micro;

/// <summary>How long the checker of histories takes, by how many operations there are.</summary>
internal static class CheckerBench
{
    public static void Run()
    {
        Console.WriteLine("\nchecking a history [operations, s of processor, MiB]");
        foreach (var operations in (ReadOnlySpan<int>)[125_000, 250_000, 500_000, 1_000_000])
        {
            var history = ModelHistory.Create(seed: 1, operations);
            var (before, clock) = (Environment.CpuUsage.TotalTime, Stopwatch.StartNew());
            var found = HistoryChecker.Check(history).Count(static finding => !finding.IsAllowed);
            var took = Environment.CpuUsage.TotalTime - before;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {operations,10} {took.TotalSeconds,8:0.00} {GC.GetTotalMemory(false) >> 20,8}"
                    + $" ({clock.Elapsed.TotalSeconds:0.0} s, {found} found)"));
            GC.KeepAlive(history);
        }
    }
}
