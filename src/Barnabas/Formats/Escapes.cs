using System.Globalization;
using System.Text;

namespace Barnabas.Cli;

/// <summary>Backslashes in formats and delimiters.</summary>
internal static class Escapes
{
    /// <summary>The bytes of a text with escapes.</summary>
    /// <exception cref="CliException">An escape is none.</exception>
    public static byte[] Bytes(string text)
    {
        var bytes = new List<byte>();
        for (var at = 0; at < text.Length;)
        {
            if (text[at] == '\\')
            {
                Append(text, ref at, bytes);
                continue;
            }

            var next = text.IndexOf('\\', at);
            bytes.AddRange(Encoding.UTF8.GetBytes(text[at..(next < 0 ? text.Length : next)]));
            at = next < 0 ? text.Length : next;
        }

        return [.. bytes];
    }

    /// <summary>Appends the escape at <paramref name="at"/>, which moves past it.</summary>
    /// <exception cref="CliException">It is none.</exception>
    public static void Append(string text, ref int at, List<byte> bytes)
    {
        var letter = at + 1 < text.Length ? text[at + 1] : '\0';
        if (letter == 'x')
        {
            var digits = at + 4 <= text.Length ? text.AsSpan(at + 2, 2) : default;
            if (!byte.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
                throw CliException.Usage($"'\\x' without two hexadecimal digits in '{text}'");
            bytes.Add(value);
            at += 4;
            return;
        }

        bytes.Add(letter switch
        {
            'n' => (byte)'\n',
            't' => (byte)'\t',
            'r' => (byte)'\r',
            '0' => 0,
            '\\' => (byte)'\\',
            '%' => (byte)'%',
            '{' => (byte)'{',
            '}' => (byte)'}',
            _ => throw CliException.Usage($"'\\{letter}' is no escape; there are \\n \\t \\r \\0 \\\\ \\% \\xNN"),
        });
        at += 2;
    }
}
