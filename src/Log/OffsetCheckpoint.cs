using System.Globalization;
using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>The form of <c>*-offset-checkpoint</c> files: topic, partition and offset a line.</summary>
public static class OffsetCheckpoint
{
    /// <summary>Up to where each log is flushed.</summary>
    public const string RecoveryPoint = "recovery-point-offset-checkpoint";

    /// <summary>Where each log starts, when that is not where its first segment does.</summary>
    public const string LogStart = "log-start-offset-checkpoint";

    /// <summary>High watermarks.</summary>
    public const string HighWatermark = "replication-offset-checkpoint";

    /// <summary>First offsets not yet compacted.</summary>
    public const string Cleaner = "cleaner-offset-checkpoint";

    /// <summary>The file's text, ordered by partition.</summary>
    public static string Format(IEnumerable<KeyValuePair<TopicPartition, Offset>> offsets)
    {
        var lines = new List<string>();
        foreach (var (partition, offset) in offsets.OrderBy(static entry => entry.Key))
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{partition.Topic} {partition.Partition} {offset}"));
        return CheckpointText.Format(lines);
    }

    /// <summary>The offsets; null where the text is damaged.</summary>
    public static SortedDictionary<TopicPartition, Offset>? TryParse(string text)
    {
        if (CheckpointText.TryParse(text) is not { } lines)
            return null;
        var offsets = new SortedDictionary<TopicPartition, Offset>();
        var topic = "";
        foreach (var line in lines)
        {
            var (first, last) = (line.IndexOf(' ', StringComparison.Ordinal), line.LastIndexOf(' '));
            if (first < 1 || last == first
                || !CheckpointText.TryNumber(line.AsSpan((first + 1)..last), out var partition)
                || partition > int.MaxValue || !CheckpointText.TryNumber(line.AsSpan(last + 1), out var offset))
            {
                return null;
            }

            // One string for all partitions of a topic.
            if (!line.AsSpan(0, first).SequenceEqual(topic))
                topic = line[..first];
            offsets[new(topic, (int)partition)] = new Offset(offset);
        }

        return offsets;
    }
}
