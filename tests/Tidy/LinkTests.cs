using System.Text.RegularExpressions;

namespace Barnabas.Tests.Tidy;

/// <summary>Links between the repository's documents.</summary>
public sealed partial class LinkTests
{
    [Fact]
    public void Links_between_documents_lead_somewhere()
    {
        var broken =
            from path in Repository.Files("", ".md")
            from line in Repository.Lines(path)
            from Match link in Link().Matches(line.Text)
            let target = link.Groups[1].Value
            where !IsOutside(target) && !Exists(path, target)
            select $"{path}:{line.Number}: {target}";
        Assert.Empty(broken);
    }

    private static bool IsOutside(string target) =>
        target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal);

    private static bool Exists(string document, string target)
    {
        var (file, heading) = target.Split('#') switch
        {
            [var f, var h] => (f, h),
            _ => (target, ""),
        };
        var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, document))!;
        var path = file.Length == 0 ? Path.Combine(Repository.Root, document) : Path.Combine(folder, file);
        if (heading.Length == 0 || !path.EndsWith(".md", StringComparison.Ordinal))
            return File.Exists(path) || Directory.Exists(path);
        return File.Exists(path) && File.ReadLines(path).Any(line => Anchor(line) == heading);
    }

    /// <summary>The anchor of a heading, as forges make it: small letters, words joined by dashes.</summary>
    private static string Anchor(string line) => line.StartsWith('#')
        ? NotOfAnchors().Replace(line.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-')
        : "";

    [GeneratedRegex(@"(?<!`)\[[^\]`]*\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotOfAnchors();
}
