namespace Barnabas.Cli.Commands;

/// <summary>Prints the text files of a log directory; checkpoints are checked.</summary>
internal static class TextDump
{
    /// <summary>Prints a file; false where a checkpoint is damaged.</summary>
    public static bool Run(string path, DumpLines lines)
    {
        var text = File.ReadAllLines(path);
        if (!Path.GetFileName(path).EndsWith("checkpoint", StringComparison.Ordinal) || text.Length == 0)
        {
            foreach (var line in text)
                lines.Entry("line", 0, ("", line));
            return true;
        }

        if (text[0] != "0")
            return lines.Damage(0, $"version '{text[0]}' where 0 is known");
        for (var i = 2; i < text.Length; i++)
            lines.Entry("entry", 0, Fields(path, text[i]));
        return (text.Length >= 2 && int.TryParse(text[1], out var count) && count == text.Length - 2)
            || lines.Damage(
                2, $"{text.Length - 2} entries where the file says {(text.Length >= 2 ? text[1] : "nothing")}");
    }

    private static (string, object?)[] Fields(string path, string line)
    {
        var parts = line.Split(' ');
        if (Path.GetFileName(path) == "leader-epoch-checkpoint" && parts.Length == 2)
            return [("epoch", parts[0]), ("start", parts[1])];
        return parts.Length == 3
            ? [("topic", parts[0]), ("partition", parts[1]), ("offset", parts[2])]
            : [("", line)];
    }
}
