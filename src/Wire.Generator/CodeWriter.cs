using System.Text;

namespace Barnabas.Wire.Generator;

/// <summary>Lines of C#, indented by the blocks that are open.</summary>
internal sealed class CodeWriter
{
    private readonly StringBuilder _text = new();
    private int _depth;

    public void Line(string text) => _text.Append(' ', _depth * 4).Append(text).Append('\n');

    public void Summary(string about) => Line($"/// <summary>{Xml(Sentence(about))}</summary>");

    public void Block(string head, Action body)
    {
        Line(head);
        Line("{");
        _depth++;
        body();
        _depth--;
        Line("}");
    }

    /// <summary>The body, guarded by a condition unless that is empty, which means always.</summary>
    public void When(string condition, Action body)
    {
        if (condition.Length == 0)
            body();
        else
            Block($"if ({condition})", body);
    }

    /// <summary>The text with a capital first and a full stop last.</summary>
    public static string Sentence(string about)
    {
        if (about.Length == 0)
            return about;
        var text = char.ToUpperInvariant(about[0]) + about.Substring(1);
        return text.EndsWith(".", StringComparison.Ordinal) ? text : text + ".";
    }

    public override string ToString() => _text.ToString();

    private static string Xml(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");
}
