using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Barnabas.Records;

namespace Barnabas.Cli.Commands;

/// <summary>Records by a format: <c>'%k %v\n'</c>, or with lengths before the bytes,
/// <c>'%K{big32}%k%V{big32}%v'</c>.</summary>
internal sealed class FormatSource : RecordSource
{
    private readonly List<Step> _steps;
    private byte[]? _key;
    private byte[]? _value;
    private int? _partition;
    private long? _timestamp;
    private int _keyLength;
    private int _valueLength;

    public FormatSource(RecordDefaults defaults, string format)
        : base(defaults) => _steps = Compile(format);

    /// <inheritdoc/>
    protected override int Take(ReadOnlyMemory<byte> bytes, bool isLast, ProduceSink sink)
    {
        var taken = 0;
        while (taken < bytes.Length && TryRead(bytes.Span[taken..], isLast, out var length))
        {
            NullableBytes key = _key ?? Defaults.Key;
            if (!sink.Offer(Defaults.Partition ?? _partition, _timestamp, key, Value(_value), Defaults.Headers))
                break;
            taken += length;
        }

        return taken;
    }

    private static List<Step> Compile(string format)
    {
        var steps = new List<Step>();
        for (var at = 0; at < format.Length;)
        {
            var isField = format[at] == '%' && !format.AsSpan(at).StartsWith("%%");
            if (isField)
            {
                var (letter, modifier) = FormatString.Letter(format, ref at);
                if (!"kvsKVSpTto".Contains(letter, StringComparison.Ordinal))
                {
                    throw CliException.Usage(
                        $"'%{letter}' cannot be read: there are %k %v %K %V %p %T, and %t %o to skip");
                }

                steps.Add(new Step(letter, modifier, []));
                continue;
            }

            var next = at;
            do
                next = format.IndexOf('%', next + (format.AsSpan(next).StartsWith("%%") ? 2 : next == at ? 0 : 1));
            while (next >= 0 && format.AsSpan(next).StartsWith("%%"));
            next = next < 0 ? format.Length : next;
            var text = format[at..next].Replace("%%", "%", StringComparison.Ordinal);
            steps.Add(new Step('\0', null, Escapes.Bytes(text)));
            at = next;
        }

        return steps.Exists(s => s.Letter is 'v' or 's' or 'k')
            ? steps
            : throw CliException.Usage($"the format '{format}' reads neither a key nor a value");
    }

    private bool TryRead(ReadOnlySpan<byte> bytes, bool isLast, out int length)
    {
        (_key, _value, _partition, _timestamp, _keyLength, _valueLength, length) = (null, null, null, null, -1, -1, 0);
        for (var i = 0; i < _steps.Count; i++)
        {
            var rest = bytes[length..];
            var step = _steps[i];
            if (step.Letter == '\0')
            {
                // The last record may lack what would end it.
                if (rest.IsEmpty && isLast && i == _steps.Count - 1)
                    return true;
                if (rest.Length < step.Text.Length)
                    return false;
                if (!rest.StartsWith(step.Text))
                    throw Mismatch($"'{Encoding.UTF8.GetString(step.Text)}' does not stand where the format has it");
                length += step.Text.Length;
                continue;
            }

            var size = SizeOf(step, i, rest, isLast);
            if (size < 0 || size > rest.Length)
                return false;
            Set(step, rest[..size]);
            length += size;
        }

        return true;
    }

    /// <summary>The bytes of a field: what its length said, what its form takes, or up to the text that follows
    /// it.</summary>
    private int SizeOf(Step step, int index, ReadOnlySpan<byte> rest, bool isLast)
    {
        if (step.Letter == 'k' && _keyLength >= 0)
            return _keyLength;
        if (step.Letter is 'v' or 's' && _valueLength >= 0)
            return _valueLength;
        var binary = step.Letter is 'k' or 'v' or 's' or 't' ? 0 : step.Modifier switch
        {
            "byte" or "big8" or "little8" => 1,
            "big16" or "little16" => 2,
            "big32" or "little32" => 4,
            "big64" or "little64" => 8,
            _ => 0,
        };
        if (binary > 0)
            return binary;
        var text = index + 1 < _steps.Count ? _steps[index + 1].Text : [];
        if (text.Length == 0)
            return isLast ? rest.Length : -1;
        var end = rest.IndexOf(text);
        return end >= 0 ? end : isLast && index + 2 == _steps.Count ? rest.Length : -1;
    }

    private void Set(Step step, ReadOnlySpan<byte> field)
    {
        switch (step.Letter)
        {
            case 'k':
                _key = Decode(step, field);
                break;
            case 'v' or 's':
                _value = Decode(step, field);
                break;
            case 'K':
                _keyLength = Length(step, field);
                break;
            case 'V' or 'S':
                _valueLength = Length(step, field);
                break;
            case 'p':
                _partition = checked((int)Number(step, field));
                break;
            case 'T':
                _timestamp = Number(step, field);
                break;
        }
    }

    private static byte[] Decode(Step step, ReadOnlySpan<byte> field)
    {
        try
        {
            return step.Modifier switch
            {
                null or "" => field.ToArray(),
                "hex" => Convert.FromHexString(Encoding.ASCII.GetString(field)),
                "base64" => Convert.FromBase64String(Encoding.ASCII.GetString(field)),
                _ => throw CliException.Usage($"'{step.Modifier}' cannot be read: there are hex and base64"),
            };
        }
        catch (FormatException)
        {
            throw Mismatch($"a field is no {step.Modifier}");
        }
    }

    private static int Length(Step step, ReadOnlySpan<byte> field) =>
        Number(step, field) is >= 0 and <= int.MaxValue and var length
            ? (int)length
            : throw Mismatch("a length is negative or too large");

    private static long Number(Step step, ReadOnlySpan<byte> field)
    {
        if (step.Modifier is null or "" or "ascii" or "hex")
        {
            var format = step.Modifier == "hex" ? 'x' : default;
            return Utf8Parser.TryParse(field, out long number, out var used, format) && used == field.Length
                ? number
                : throw Mismatch($"'{Encoding.UTF8.GetString(field)}' is no number");
        }

        Span<byte> big = stackalloc byte[8];
        var at = big[(8 - field.Length)..];
        field.CopyTo(at);
        if (step.Modifier.StartsWith("little", StringComparison.Ordinal))
            at.Reverse();
        return BinaryPrimitives.ReadInt64BigEndian(big);
    }

    private static CliException Mismatch(string why) =>
        new(ExitCode.Failed, string.Create(CultureInfo.InvariantCulture, $"the input does not fit the format: {why}"));

    private sealed record Step(char Letter, string? Modifier, byte[] Text);
}
