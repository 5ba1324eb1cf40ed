using System.Buffers.Binary;
using System.Globalization;
using Barnabas.Records;

namespace Barnabas.Cli;

/// <summary>Bytes as a row of numbers: <c>&gt;</c> and <c>&lt;</c> set the order; b B 8 bits, h H 16, i I 32, q Q 64,
/// in capitals unsigned; c one byte, s the rest, x skips one, <c>$</c> insists on the end. A space separates.</summary>
internal sealed class UnpackForm : BytesForm
{
    private const string Letters = "xbBhHiIqQcs$<> ";
    private readonly string _pattern;

    public UnpackForm(string pattern)
    {
        if (pattern.Any(c => !Letters.Contains(c, StringComparison.Ordinal)))
            throw CliException.Usage($"'{pattern}' is no pattern for unpack: its letters are {Letters.Trim()}");
        _pattern = pattern;
    }

    public override void Write(StdOut to, NullableBytes bytes)
    {
        var rest = bytes.Span;
        var isLittle = false;
        foreach (var letter in _pattern)
        {
            if (letter is '<' or '>')
                isLittle = letter == '<';
            else if (letter == ' ')
                to.Write(" "u8);
            else if (letter == '$' && rest.Length > 0)
                throw new CliException(ExitCode.Failed, $"unpack[{_pattern}] leaves {rest.Length} bytes");
            else if (letter != '$')
                rest = rest[Field(to, letter, rest, isLittle)..];
        }
    }

    private int Field(StdOut to, char letter, ReadOnlySpan<byte> rest, bool isLittle)
    {
        var size = letter switch { 's' => rest.Length, 'h' or 'H' => 2, 'i' or 'I' => 4, 'q' or 'Q' => 8, _ => 1 };
        if (size > rest.Length)
            throw new CliException(ExitCode.Failed, $"unpack[{_pattern}] needs more bytes than the record has");
        if (letter is 's' or 'c')
            to.Write(rest[..size]);
        else if (letter != 'x')
            to.Write(Number(letter, rest[..size], isLittle).ToString(CultureInfo.InvariantCulture));
        return size;
    }

    private static Int128 Number(char letter, ReadOnlySpan<byte> bytes, bool isLittle)
    {
        Span<byte> big = stackalloc byte[8];
        var at = big[(8 - bytes.Length)..];
        bytes.CopyTo(at);
        if (isLittle)
            at.Reverse();
        var unsigned = BinaryPrimitives.ReadUInt64BigEndian(big);
        if (char.IsUpper(letter))
            return unsigned;
        var shift = 64 - (bytes.Length * 8);
        return (long)(unsigned << shift) >> shift;
    }
}
