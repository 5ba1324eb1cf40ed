using System.Text;
using Barnabas.Client;

namespace Barnabas.Cli;

/// <summary>A format for records, compiled once: kcat's letters, with the modifiers of rpk.</summary>
/// <remarks>docs/cli.md has the whole language. A format is text with escapes and fields; a field is a percent sign, a
/// letter, and perhaps a modifier in braces.</remarks>
internal sealed class FormatString
{
    private readonly FormatPart[] _parts;

    private FormatString(FormatPart[] parts) => _parts = parts;

    /// <summary>Compiles a format.</summary>
    /// <exception cref="CliException">It is none.</exception>
    public static FormatString Parse(string format)
    {
        var parts = new List<FormatPart>();
        var literal = new List<byte>();
        for (var at = 0; at < format.Length;)
        {
            if (format[at] == '\\')
            {
                Escapes.Append(format, ref at, literal);
            }
            else if (format[at] == '%' && at + 1 < format.Length && format[at + 1] == '%')
            {
                literal.Add((byte)'%');
                at += 2;
            }
            else if (format[at] == '%')
            {
                Close(literal, parts);
                parts.Add(Field(format, ref at));
            }
            else
            {
                Rune.DecodeFromUtf16(format.AsSpan(at), out var rune, out var length);
                literal.AddRange(Encoding.UTF8.GetBytes(rune.ToString()));
                at += length;
            }
        }

        Close(literal, parts);
        return new FormatString([.. parts]);
    }

    /// <summary>Writes the record the cursor stands on.</summary>
    public void Write(StdOut to, FetchedRecords fetched, scoped in RecordCursor cursor)
    {
        foreach (var part in _parts)
            part.Write(to, fetched, in cursor);
    }

    /// <summary>The letter and the modifier of the field at <paramref name="at"/>, which moves past it.</summary>
    internal static (char Letter, string? Modifier) Letter(string format, ref int at)
    {
        if (at + 1 >= format.Length)
            throw CliException.Usage($"the format '{format}' ends in a percent sign");
        var letter = format[at + 1];
        at += 2;
        if (at >= format.Length || format[at] != '{')
            return (letter, null);
        var (depth, start) = (1, ++at);
        for (; at < format.Length && depth > 0; at++)
            depth += format[at] switch { '{' => 1, '}' => -1, _ => 0 };
        return depth == 0
            ? (letter, format[start..(at - 1)])
            : throw CliException.Usage($"a brace is not closed in the format '{format}'");
    }

    private static FormatPart Field(string format, ref int at)
    {
        var (letter, modifier) = Letter(format, ref at);
        return letter switch
        {
            's' or 'v' => new BytesPart(BytesSource.Value, BytesForm.Parse(modifier)),
            'k' => new BytesPart(BytesSource.Key, BytesForm.Parse(modifier)),
            't' when modifier == "len" => new NumberPart(NumberSource.TopicLength, NumberForm.Parse(null)),
            't' => new TopicPart(),
            'h' => new HeadersPart(modifier),
            'd' => TimePart.Parse(modifier),
            'a' => AttributePart.Parse(modifier),
            _ => new NumberPart(Source(letter), NumberForm.Parse(modifier)),
        };
    }

    private static NumberSource Source(char letter) => letter switch
    {
        'S' or 'V' => NumberSource.ValueLength,
        'K' => NumberSource.KeyLength,
        'H' => NumberSource.HeaderCount,
        'p' => NumberSource.Partition,
        'o' => NumberSource.Offset,
        'T' => NumberSource.Timestamp,
        'e' => NumberSource.LeaderEpoch,
        'x' => NumberSource.ProducerId,
        'y' => NumberSource.ProducerEpoch,
        '[' => NumberSource.LogStart,
        '|' => NumberSource.LastStable,
        ']' => NumberSource.HighWatermark,
        _ => throw CliException.Usage($"'%{letter}' is no field of a format; see 'barnabas consume --help'"),
    };

    private static void Close(List<byte> literal, List<FormatPart> parts)
    {
        if (literal.Count > 0)
            parts.Add(new LiteralPart([.. literal]));
        literal.Clear();
    }
}
