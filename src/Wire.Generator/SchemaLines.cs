using System.Globalization;

namespace Barnabas.Wire.Generator;

/// <summary>A line of a schema that says something: its words, how deep it stands, and its comment.</summary>
internal sealed class SchemaLine
{
    private SchemaLine(int number, int depth, string[] words, string comment, string above) =>
        (Number, Depth, Words, Comment, Above) = (number, depth, words, comment, above);

    public int Number { get; }

    public int Depth { get; }

    public string[] Words { get; }

    /// <summary>What stands behind <c>#</c>, joined with the comment lines indented below.</summary>
    public string Comment { get; private set; }

    /// <summary>The comment lines directly above that begin at the margin, joined.</summary>
    public string Above { get; }

    public static List<SchemaLine> Of(string text)
    {
        var result = new List<SchemaLine>();
        var lines = text.Split('\n');
        var above = new List<string>();
        for (var i = 0; i < lines.Length; i++)
        {
            var hash = lines[i].IndexOf('#');
            var code = (hash < 0 ? lines[i] : lines[i].Substring(0, hash)).TrimEnd();
            var comment = hash < 0 ? "" : lines[i].Substring(hash + 1).Trim();
            if (code.Length > 0)
            {
                result.Add(new SchemaLine(
                    i + 1, DepthOf(code, i + 1), code.Split([' '], StringSplitOptions.RemoveEmptyEntries), comment,
                    string.Join(" ", above)));
                above.Clear();
            }
            else if (hash > 0 && result.Count > 0)
            {
                result[result.Count - 1].Comment += " " + comment;
            }
            else if (hash == 0)
            {
                above.Add(comment);
            }
            else
            {
                above.Clear();
            }
        }

        return result;
    }

    public SchemaException Fault(string message) => new(Number, message);

    public int Integer(string word) =>
        int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n)
            ? n
            : throw Fault($"'{word}' is not a number");

    /// <summary>The range a word stands for: <c>3</c>, <c>3-7</c>, <c>3+</c> or <c>none</c>.</summary>
    public Versions Range(string word, Versions outer)
    {
        if (word == "none")
            return Versions.None;
        if (word.EndsWith("+", StringComparison.Ordinal))
            return new Versions(Integer(word.TrimEnd('+')), outer.Last);
        var dash = word.IndexOf('-');
        return dash < 0
            ? new Versions(Integer(word), Integer(word))
            : new Versions(Integer(word.Substring(0, dash)), Integer(word.Substring(dash + 1)));
    }

    private static int DepthOf(string code, int number)
    {
        var spaces = code.Length - code.TrimStart().Length;
        return spaces % 2 == 0 ? spaces / 2 : throw new SchemaException(number, "indent by two spaces a level");
    }
}
