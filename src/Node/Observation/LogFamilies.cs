using System.Globalization;
using Barnabas.Log;
using Barnabas.Metrics;
using Barnabas.Replication;

namespace Barnabas.Node;

/// <summary>The logs of the partitions held here, and their directories: Kafka's Log, LogManager and
/// LogFlushStats.</summary>
internal static class LogFamilies
{
    private static readonly string[] Labels = ["topic", "partition"];

    /// <summary>The families.</summary>
    public static IEnumerable<MetricFamily> Of(Replicas replicas)
    {
        MetricFamily EachLog(string name, string unit, string meaning, Func<LogView, long> value) =>
            new($"kafka.log.log.{name}", MetricKind.Gauge, unit, meaning, Labels, sink =>
            {
                foreach (var view in replicas.All.Select(p => p.View))
                {
                    if (view.Log is { } log)
                        sink.Add(value(log), view.Name.Topic, Text(view.Name.Partition));
                }
            });

        yield return EachLog("size", "By", "Bytes of the partition's segments.", log => log.SizeInBytes);
        yield return EachLog(
            "logstartoffset", "{offset}", "The offset of the first record that may be read.",
            log => log.LogStart.Value);
        yield return EachLog(
            "logendoffset", "{offset}", "The offset the next record will get.", log => log.End.Value);
        yield return new(
            "barnabas.log.highwatermark", MetricKind.Gauge, "{offset}", "The end of what consumers may read.", Labels,
            sink =>
            {
                foreach (var view in replicas.All.Select(p => p.View))
                    sink.Add(view.HighWatermark.Value, view.Name.Topic, Text(view.Name.Partition));
            });
        yield return replicas.FlushTimes;
        yield return MetricFamily.Of(
            "kafka.log.logmanager.offlinelogdirectorycount", MetricKind.Gauge, "{directory}",
            "Log directories that have failed.",
            () => replicas.Directories.Failed.Count + replicas.Directories.All.Count(d => d.IsOffline));
        yield return new(
            "kafka.log.logmanager.logdirectoryoffline", MetricKind.Gauge, "1", "1 for a log directory that has failed.",
            ["logdirectory"],
            sink =>
            {
                foreach (var directory in replicas.Directories.All)
                    sink.Add(directory.IsOffline ? 1 : 0, directory.Path);
                foreach (var path in replicas.Directories.Failed)
                    sink.Add(1, path);
            });
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
