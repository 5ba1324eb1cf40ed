using Barnabas.Metrics;
using Barnabas.Replication;

namespace Barnabas.Node;

/// <summary>The compaction of logs: Kafka's LogCleaner and LogCleanerManager.</summary>
internal static class CompactionFamilies
{
    private static readonly string[] Directory = ["logdirectory"];

    /// <summary>The families.</summary>
    public static IEnumerable<MetricFamily> Of(Replicas replicas)
    {
        var compaction = replicas.Compaction;

        MetricFamily Gauge(string name, string unit, string meaning, Func<double> value) =>
            MetricFamily.Of($"kafka.log.{name}", MetricKind.Gauge, unit, meaning, value);

        MetricFamily EachDirectory(
            string name, string unit, string meaning, Func<(int Logs, long Bytes), long> value) =>
            new($"kafka.log.logcleanermanager.{name}", MetricKind.Gauge, unit, meaning, Directory, sink =>
            {
                foreach (var directory in replicas.Directories.All)
                    sink.Add(value(compaction.UncleanableIn(directory)), directory.Path);
            });

        yield return Gauge(
            "logcleaner.maxbufferutilizationpercent", "%",
            "How full the map of keys got in the last round of compaction.",
            () => compaction.MapUtilization * 100);
        yield return Gauge(
            "logcleaner.cleanerrecopypercent", "%", "The part of what the last round of compaction read that it kept.",
            () => compaction.RecopiedShare * 100);
        yield return Gauge(
            "logcleaner.maxcleantimesecs", "s", "How long the last round of compaction took.",
            () => compaction.Seconds);
        yield return Gauge(
            "logcleaner.maxcompactiondelaysecs", "s",
            "For how long records have been overdue for compaction by max.compaction.lag.ms.",
            () => compaction.LongestDelay);
        yield return Gauge(
            "logcleanermanager.maxdirtypercent", "%", "The new part of the log in which that is largest.",
            () => compaction.LargestDirtyRatio * 100);
        yield return new(
            "kafka.log.logcleanermanager.timesincelastrunms", MetricKind.Gauge, "ms",
            "Since compaction last looked for something to do.", [], sink =>
            {
                if (compaction.SinceLastRun is { } since)
                    sink.Add(since.TotalMilliseconds);
            });
        yield return EachDirectory(
            "uncleanablepartitionscount", "{partition}", "Logs that are not compacted any more: they are damaged.",
            static set => set.Logs);
        yield return EachDirectory(
            "uncleanablebytes", "By", "The bytes of logs that are not compacted any more.", static set => set.Bytes);
        yield return MetricFamily.Of(
            "barnabas.compaction.read", MetricKind.Counter, "By", "Bytes that compaction has read to write them anew.",
            () => compaction.ReadBytes);
        yield return MetricFamily.Of(
            "barnabas.compaction.kept", MetricKind.Counter, "By", "Bytes that compaction has kept.",
            () => compaction.KeptBytes);
    }
}
