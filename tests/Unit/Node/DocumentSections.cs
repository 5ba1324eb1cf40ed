namespace Barnabas.Tests.Unit.Node;

/// <summary>Sections of a document that a test writes: from <c>&lt;!-- name --&gt;</c> to the next
/// <c>&lt;!-- end --&gt;</c>.</summary>
internal static class DocumentSections
{
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
