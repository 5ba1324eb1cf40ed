using System.Text;

namespace Barnabas.Cli.Commands;

/// <summary>kcat's formats in the terms of ours.</summary>
internal static class CatFormat
{
    /// <summary>A format of kcat's: <c>%R</c> is the value's length in four bytes, and nulls may have to be
    /// shown.</summary>
    public static string Of(string format, bool showsNulls)
    {
        var text = new StringBuilder();
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] != '%' || at + 1 == format.Length)
            {
                text.Append(format[at]);
                continue;
            }

            var letter = format[++at];
            text.Append(letter switch
            {
                'R' => "%S{big32}",
                's' or 'k' when showsNulls => $"%{letter}{{null}}",
                _ => $"%{letter}",
            });
        }

        return text.ToString();
    }

    /// <summary>Text that stands for itself in a format; its escapes remain.</summary>
    public static string Literal(string text) => text.Replace("%", "%%", StringComparison.Ordinal);
}
