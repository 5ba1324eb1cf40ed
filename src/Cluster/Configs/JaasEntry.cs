using System.Text;

namespace Barnabas.Cluster.Configs;

/// <summary>A login as Java's configuration files have it (JAAS):
/// <c>module required name="value" other="value";</c>.</summary>
/// <param name="Module">The class that would log in there.</param>
/// <param name="Options">What it is given.</param>
public sealed record JaasEntry(string Module, IReadOnlyDictionary<string, string> Options)
{
    private static readonly string[] Flags = ["required", "requisite", "sufficient", "optional"];

    /// <summary>Reads one entry.</summary>
    /// <exception cref="FormatException">It is none; the message says why, and repeats no value.</exception>
    public static JaasEntry Parse(string text)
    {
        var words = new Words(text);
        var module = words.Next() ?? throw new FormatException("a login begins with the name of a module");
        if (words.Next() is not { } flag || !Flags.Contains(flag, StringComparer.OrdinalIgnoreCase))
            throw new FormatException($"behind the module stands one of {string.Join(", ", Flags)}");
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        while (words.Next() is { } name && name != ";")
        {
            if (words.Next() != "=" || words.Next() is not { } value || value == ";")
                throw new FormatException("options read name=\"value\"");
            options[name] = value;
        }

        return words.Next() is null && words.Ended
            ? new JaasEntry(module, options)
            : throw new FormatException("a login ends with one semicolon");
    }

    /// <inheritdoc/>
    public override string ToString() => Module;

    /// <summary>Cuts the text into words, signs and quoted values.</summary>
    private sealed class Words(string text)
    {
        private int _at;

        /// <summary>True once a semicolon was seen.</summary>
        public bool Ended { get; private set; }

        public string? Next()
        {
            while (_at < text.Length && char.IsWhiteSpace(text[_at]))
                _at++;
            if (_at == text.Length)
                return null;
            switch (text[_at])
            {
                case ';' or '=':
                    Ended |= text[_at] == ';';
                    return text[_at++].ToString();
                case '"' or '\'':
                    return Quoted(text[_at++]);
                default:
                    var from = _at;
                    while (_at < text.Length && !char.IsWhiteSpace(text[_at]) && text[_at] is not (';' or '='))
                        _at++;
                    return text[from.._at];
            }
        }

        private string Quoted(char mark)
        {
            var value = new StringBuilder();
            for (; _at < text.Length && text[_at] != mark; _at++)
            {
                if (text[_at] == '\\' && _at + 1 < text.Length)
                    _at++;
                value.Append(text[_at]);
            }

            if (_at++ >= text.Length)
                throw new FormatException("a quoted value does not end");
            return value.ToString();
        }
    }
}
