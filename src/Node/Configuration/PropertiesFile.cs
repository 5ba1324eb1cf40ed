using System.Globalization;
using System.Text;

namespace Barnabas.Node.Configuration;

/// <summary>A key and its value in a .properties file.</summary>
/// <param name="Key">The key, escapes resolved.</param>
/// <param name="Value">The value, escapes resolved; blanks behind it belong to it.</param>
/// <param name="Line">The line it begins on, from 1.</param>
public readonly record struct Property(string Key, string Value, int Line);

/// <summary>Reads text as java.util.Properties does.</summary>
/// <remarks>A line is <c>key=value</c>, <c>key:value</c> or <c>key value</c>. <c>#</c> and <c>!</c> begin a
/// comment where they are the first sign of a line. A backslash at the end of a line joins it with the next, without
/// the blanks that one begins with. Elsewhere it begins an escape: <c>\t \n \r \f \uXXXX</c>, or any other sign for
/// itself.</remarks>
public static class PropertiesFile
{
    /// <summary>Reads all properties, in the order they stand; a key may come more than once.</summary>
    /// <exception cref="FormatException">A <c>\u</c> is not followed by four hexadecimal digits.</exception>
    public static IReadOnlyList<Property> Parse(string text)
    {
        var properties = new List<Property>();
        foreach (var (line, number) in LogicalLines(text))
            properties.Add(ParseLine(line, number));
        return properties;
    }

    /// <summary>The lines that say something, joined where they are continued, with the number each begins
    /// on.</summary>
    private static IEnumerable<(string Line, int Number)> LogicalLines(string text)
    {
        var joined = new StringBuilder();
        var (number, begun) = (0, 0);
        foreach (var natural in NaturalLines(text))
        {
            number++;
            var line = natural.TrimStart(' ', '\t', '\f');
            if (begun == 0)
            {
                if (line.Length == 0 || line[0] is '#' or '!')
                    continue;
                begun = number;
            }

            var continued = IsContinued(line);
            joined.Append(continued ? line.AsSpan(0, line.Length - 1) : line);
            if (continued)
                continue;
            yield return (joined.ToString(), begun);
            joined.Clear();
            begun = 0;
        }

        if (begun > 0)
            yield return (joined.ToString(), begun);
    }

    private static string[] NaturalLines(string text) =>
        text.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n', '\r');

    private static bool IsContinued(string line)
    {
        var slashes = 0;
        while (slashes < line.Length && line[line.Length - 1 - slashes] == '\\')
            slashes++;
        return slashes % 2 == 1;
    }

    private static Property ParseLine(string line, int number)
    {
        var end = 0;
        while (end < line.Length && !IsBlank(line[end]) && line[end] is not ('=' or ':'))
            end += line[end] == '\\' ? 2 : 1;
        end = Math.Min(end, line.Length);

        var begin = SkipBlanks(line, end);
        if (begin < line.Length && line[begin] is '=' or ':')
            begin = SkipBlanks(line, begin + 1);
        return new(Unescape(line.AsSpan(0, end), number), Unescape(line.AsSpan(begin), number), number);
    }

    private static int SkipBlanks(string line, int at)
    {
        while (at < line.Length && IsBlank(line[at]))
            at++;
        return at;
    }

    private static bool IsBlank(char c) => c is ' ' or '\t' or '\f';

    private static string Unescape(ReadOnlySpan<char> raw, int line)
    {
        var text = new StringBuilder(raw.Length);
        while (raw.IndexOf('\\') is >= 0 and var slash)
        {
            text.Append(raw[..slash]);
            raw = raw[(slash + 1)..];
            if (raw.IsEmpty)
                break;
            var taken = raw[0] == 'u' ? 5 : 1;
            text.Append(raw[0] switch
            {
                't' => '\t',
                'n' => '\n',
                'r' => '\r',
                'f' => '\f',
                'u' => CodeUnit(raw[1..], line),
                var other => other,
            });
            raw = raw[taken..];
        }

        return text.Append(raw).ToString();
    }

    private static char CodeUnit(ReadOnlySpan<char> digits, int line)
    {
        digits = digits.Length < 4 ? [] : digits[..4];
        return ushort.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            ? (char)code
            : throw new FormatException($"line {line}: \\u must be followed by four hexadecimal digits");
    }
}
