using System.Text;

namespace Barnabas.Tests.Unit.Node;

/// <summary>Sections of a document that a test writes: from <c>&lt;!-- name --&gt;</c> to the next
/// <c>&lt;!-- end --&gt;</c>.</summary>
internal static class DocumentSections
{
    private const int Width = 118;

    /// <summary>A list in running text, its lines wrapped, with a full stop behind it.</summary>
    public static string List(string title, IEnumerable<string> items)
    {
        var text = new StringBuilder(title);
        var column = title.Length;
        var left = items.ToArray();
        for (var i = 0; i < left.Length; i++)
        {
            var word = left[i] + (i < left.Length - 1 ? "," : ".");
            var fits = column + 1 + word.Length <= Width;
            if (column > 0)
                text.Append(fits ? ' ' : '\n');
            text.Append(word);
            column = fits && column > 0 ? column + 1 + word.Length : word.Length;
        }

        return text.Append('\n').ToString();
    }

    /// <summary>The document with another text in one of its sections.</summary>
    public static string Replace(string document, string name, string text)
    {
        var mark = $"<!-- {name} -->\n";
        var begin = document.IndexOf(mark, StringComparison.Ordinal) + mark.Length;
        var end = document.IndexOf("<!-- end -->", begin, StringComparison.Ordinal);
        Assert.True(begin >= mark.Length && end >= begin, $"the document has a section for {name}");
        return document[..begin] + text + document[end..];
    }
}
