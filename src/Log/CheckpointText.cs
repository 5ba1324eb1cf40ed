using System.Globalization;
using System.Text;

namespace Barnabas.Log;

/// <summary>The form shared by all checkpoint files: version 0, the number of entries, an entry a line.</summary>
internal static class CheckpointText
{
    private const char Version = '0';

    /// <summary>The text of the lines.</summary>
    public static string Format(IReadOnlyCollection<string> lines)
    {
        var text = new StringBuilder();
        text.Append(Version).Append('\n').Append(lines.Count.ToString(CultureInfo.InvariantCulture)).Append('\n');
        foreach (var line in lines)
            text.Append(line).Append('\n');
        return text.ToString();
    }

    /// <summary>The lines; empty for an empty file, null where the text is not whole.</summary>
    public static IReadOnlyList<string>? TryParse(string text)
    {
        if (text.Length == 0)
            return [];
        var lines = text.Split('\n');
        // A whole file ends with a line's end, so that a line cut short is noticed.
        if (lines.Length < 3 || lines[^1].Length != 0 || lines[0] is not [Version])
            return null;
        if (!int.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return null;
        return count == lines.Length - 3 ? lines[2..^1] : null;
    }

    /// <summary>Reads a number that is not negative; false where the text is none.</summary>
    public static bool TryNumber(ReadOnlySpan<char> text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
