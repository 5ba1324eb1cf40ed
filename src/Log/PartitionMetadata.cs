using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>The file <c>partition.metadata</c>: to which topic id a partition directory belongs.</summary>
internal static class PartitionMetadata
{
    /// <summary>The file's text.</summary>
    public static string Format(TopicId id) => $"version: 0\ntopic_id: {id}";

    /// <summary>The topic's id; null where the text is damaged.</summary>
    public static TopicId? TryParse(string text)
    {
        var lines = text.Split('\n');
        if (lines.Length is < 2 or > 3 || (lines.Length == 3 && lines[2].Length != 0))
            return null;
        if (lines[0].Trim() != "version: 0")
            return null;
        const string name = "topic_id: ";
        var line = lines[1].Trim();
        return line.StartsWith(name, StringComparison.Ordinal) && Uuid.TryParse(line.AsSpan(name.Length), out var id)
            ? new TopicId(id)
            : null;
    }
}
