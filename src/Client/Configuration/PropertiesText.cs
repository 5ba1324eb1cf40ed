using System.Globalization;
using System.Text;
using Barnabas.Base;

namespace Barnabas.Client;

/// <summary>Java's properties format: what <c>client.properties</c> files are written in.</summary>
public static class PropertiesText
{
    /// <summary>Reads all keys; a key that stands twice has its last value.</summary>
    /// <exception cref="KafkaException">An escape is none.</exception>
    public static IReadOnlyDictionary<string, string> Parse(string text)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in LogicalLines(text))
        {
            var (key, value) = Split(line);
            pairs[Unescape(key)] = Unescape(value);
        }

        return pairs;
    }

    /// <summary>Lines without comments and blank ones, continued lines joined.</summary>
    private static IEnumerable<string> LogicalLines(string text)
    {
        var joined = new StringBuilder();
        var continues = false;
        foreach (var natural in text.Split('\n'))
        {
            var line = natural.TrimEnd('\r').TrimStart(' ', '\t', '\f');
            if (!continues && (line.Length == 0 || line[0] is '#' or '!'))
                continue;
            continues = EndsInOddBackslashes(line);
            joined.Append(continues ? line.AsSpan(0, line.Length - 1) : line);
            if (continues)
                continue;
            yield return joined.ToString();
            joined.Clear();
        }

        if (joined.Length > 0)
            yield return joined.ToString();
    }

    private static bool EndsInOddBackslashes(string line)
    {
        var count = 0;
        while (count < line.Length && line[line.Length - 1 - count] == '\\')
            count++;
        return count % 2 == 1;
    }

    private static (string Key, string Value) Split(string line)
    {
        var end = 0;
        while (end < line.Length && line[end] is not ('=' or ':' or ' ' or '\t' or '\f'))
            end += line[end] == '\\' ? 2 : 1;
        end = Math.Min(end, line.Length);
        var value = line.AsSpan(end).TrimStart(" \t\f");
        if (value.Length > 0 && value[0] is '=' or ':')
            value = value[1..].TrimStart(" \t\f");
        return (line[..end], value.ToString());
    }

    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || ++i == text.Length)
            {
                if (i < text.Length)
                    plain.Append(text[i]);
                continue;
            }

            plain.Append(text[i] switch
            {
                't' => '\t',
                'n' => '\n',
                'r' => '\r',
                'f' => '\f',
                'u' => CodeUnit(text, ref i),
                var other => other,
            });
        }

        return plain.ToString();
    }

    private static char CodeUnit(string text, ref int at)
    {
        var digits = text.AsSpan(Math.Min(at + 1, text.Length), Math.Min(4, text.Length - at - 1));
        if (!ushort.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
            throw new KafkaException(ErrorCode.InvalidConfig, $"'\\u' without four hexadecimal digits in '{text}'");
        at += 4;
        return (char)unit;
    }
}
