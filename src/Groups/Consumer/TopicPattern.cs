using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;

namespace Barnabas.Groups.Consumer;

/// <summary>A regular expression in RE2's syntax that names of topics match as a whole.</summary>
/// <remarks>It is run without backtracking, so that its cost is linear in the name, whatever a client sends. What
/// cannot be run so, look-around and references back, RE2 has not either.</remarks>
public sealed class TopicPattern
{
    private const RegexOptions Linear = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
    private readonly Regex _regex;

    private TopicPattern(Regex regex) => _regex = regex;

    /// <summary>Reads a pattern.</summary>
    /// <param name="pattern">What the client sent.</param>
    /// <param name="read">The pattern.</param>
    /// <param name="fault">What is wrong with it, where it cannot be read.</param>
    public static bool TryRead(
        string pattern, [NotNullWhen(true)] out TopicPattern? read, [NotNullWhen(false)] out string? fault)
    {
        (read, fault) = (null, null);
        try
        {
            // By itself first: an unmatched parenthesis must not find its match in what is put around it.
            var translated = Translate(pattern);
            _ = new Regex(translated, Linear);
            read = new(new Regex($@"\A(?:{translated})\z", Linear));
            return true;
        }
        catch (Exception refused) when (refused is ArgumentException or NotSupportedException)
        {
            fault = refused.Message;
            return false;
        }
    }

    /// <summary>True for a name that matches as a whole.</summary>
    public bool IsMatch(string name) => _regex.IsMatch(name);

    /// <summary>The names that match, sorted.</summary>
    public ImmutableArray<string> Matches(IEnumerable<string> names) =>
        [.. names.Where(IsMatch).Order(StringComparer.Ordinal)];

    /// <summary>What RE2 writes otherwise than .NET: quoted text, named groups, and classes of one letter.</summary>
    private static string Translate(string pattern)
    {
        var text = new StringBuilder(pattern.Length);
        for (var at = 0; at < pattern.Length; at++)
        {
            var rest = pattern.AsSpan(at);
            if (rest.StartsWith(@"\Q"))
            {
                var end = pattern.IndexOf(@"\E", at + 2, StringComparison.Ordinal);
                var quoted = end < 0 ? pattern[(at + 2)..] : pattern[(at + 2)..end];
                text.Append(Regex.Escape(quoted));
                at = end < 0 ? pattern.Length : end + 1;
            }
            else if (rest.StartsWith("(?P<"))
            {
                text.Append("(?<");
                at += 3;
            }
            else if (rest is ['\\', 'p' or 'P', >= 'A' and <= 'Z', ..])
            {
                text.Append('\\').Append(rest[1]).Append('{').Append(rest[2]).Append('}');
                at += 2;
            }
            else if (rest is ['\\', _, ..])
            {
                text.Append(rest[..2]);
                at++;
            }
            else
            {
                text.Append(rest[0]);
            }
        }

        return text.ToString();
    }
}
