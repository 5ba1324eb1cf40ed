using System.Globalization;
using System.Text;
using Barnabas.Base;

namespace Barnabas.Cli.Commands;

/// <summary>A position in a file.</summary>
/// <param name="Group">The group; null where the file names none.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The next offset to read.</param>
internal readonly record struct StoredPosition(string? Group, TopicPartition Partition, Offset Offset);

/// <summary>Positions in the CSV that kafka-consumer-groups exports and takes with --from-file: a line a partition,
/// <c>topic,partition,offset</c>, or <c>group,topic,partition,offset</c> where there are several groups.</summary>
internal static class PositionFile
{
    /// <summary>Reads a file; <c>-</c> is standard input.</summary>
    /// <exception cref="CliException">A line is no position, or one partition stands there twice.</exception>
    public static List<StoredPosition> Read(string path)
    {
        using var text = path == "-" ? Console.In : new StreamReader(path, Encoding.UTF8);
        return Read(text);
    }

    /// <summary>Reads lines; empty ones do not count.</summary>
    /// <exception cref="CliException">A line is no position, or one partition stands there twice.</exception>
    public static List<StoredPosition> Read(TextReader text)
    {
        var (positions, seen) = (new List<StoredPosition>(), new HashSet<(string?, TopicPartition)>());
        for (var number = 1; text.ReadLine() is { } line; number++)
        {
            if (line.Length == 0)
                continue;
            var position = Parse(line) ?? throw Bad(number, "is no position: topic,partition,offset or "
                + "group,topic,partition,offset is");
            if (!seen.Add((position.Group, position.Partition)))
                throw Bad(number, $"names {position.Partition} again");
            positions.Add(position);
        }

        return positions;
    }

    /// <summary>A position as a line.</summary>
    public static string Line(StoredPosition position)
    {
        var group = position.Group is { } name ? Quoted(name) + "," : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{group}{position.Partition.Topic},{position.Partition.Partition},{position.Offset.Value}");
    }

    private static StoredPosition? Parse(string line)
    {
        var fields = Fields(line);
        if (fields is not { Count: 3 or 4 })
            return null;
        var group = fields.Count == 4 ? fields[0] : null;
        return group is not "" && fields[^3].Length > 0
            && int.TryParse(fields[^2], NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            && long.TryParse(fields[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            ? new(group, new(fields[^3], partition), new(offset))
            : null;
    }

    /// <summary>The fields of a line; null where a quote is left open or in the middle of one.</summary>
    private static List<string>? Fields(string line)
    {
        var fields = new List<string>();
        for (var at = 0; at <= line.Length; at++)
        {
            if (at == line.Length || line[at] != '"')
            {
                var end = line.IndexOf(',', at) is >= 0 and var comma ? comma : line.Length;
                fields.Add(line[at..end]);
                at = end;
                continue;
            }

            var field = new StringBuilder();
            for (at++; at < line.Length && (line[at] != '"' || (at + 1 < line.Length && line[at + 1] == '"')); at++)
            {
                field.Append(line[at]);
                if (line[at] == '"')
                    at++;
            }

            // Now at the quote that closes the field: a comma or the end is next.
            if (at >= line.Length || (++at < line.Length && line[at] != ','))
                return null;
            fields.Add(field.ToString());
        }

        return fields;
    }

    private static string Quoted(string field) =>
        field.AsSpan().IndexOfAny(',', '"') >= 0 || field != field.Trim()
            ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : field;

    private static CliException Bad(int line, string what) => CliException.Usage(
        string.Create(CultureInfo.InvariantCulture, $"line {line} of the file {what}"));
}
