using System.CommandLine;

namespace Barnabas.Cli.Commands;

/// <summary><c>barnabas bench e2e</c></summary>
internal static class BenchEndToEnd
{
    private static readonly BenchEndToEndRun Run = new("e2e", batchRecords: 1, perSecond: 1_000);
    private static readonly Option<TimeSpan> Duration = BenchOptions.Duration();
    private static readonly Option<TimeSpan?> WarmUp = BenchOptions.WarmUp();

    public static Command Make() => Leaf.Make(
        "e2e", "send at a rate, and see how long each record takes to a reader that waits for it",
        [.. Run.Options, Duration, WarmUp, .. BenchRun.Options], RunAsync).With(
        "barnabas bench e2e --rate 1000",
        "barnabas bench e2e --rate 10000 --acks all --config barnabas.durability=fsync");

    private static Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        var warmUp = BenchOptions.WarmUpOf(parsed.GetValue(WarmUp), null);
        return Run.RunAsync(parsed, warmUp, parsed.GetValue(Duration), static _ => [], stop);
    }
}
