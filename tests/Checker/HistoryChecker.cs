namespace Barnabas.Tests.Checker;

/// <summary>Finds anomalies in histories of a log with transactions.</summary>
/// <remarks>The workload and the definitions follow Jepsen's for Kafka and its kin; docs/design/checker.md has them in
/// words. It takes O(n log n) for n steps.</remarks>
public static class HistoryChecker
{
    /// <summary>Finds all anomalies.</summary>
    /// <exception cref="ArgumentException">A value is sent to a key twice: such a history tells nothing.</exception>
    public static IReadOnlyList<Finding> Check(History history)
    {
        var (facts, findings) = (new Facts(history), new Findings());
        ValueChecks.Run(facts, findings);
        WriteChecks.Run(facts, findings);
        ReaderChecks.Run(facts, findings);
        SenderChecks.Run(facts, findings);
        CommitChecks.Run(facts, findings);
        CycleChecks.Run(facts, findings);
        return findings.All;
    }

    /// <summary>The longest that a reader polled without getting what others knew to be there, in the history's ticks:
    /// 0 where that never was.</summary>
    public static long WorstLag(History history) => ReaderLag.Worst(history);
}
