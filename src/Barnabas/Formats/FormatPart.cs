using Barnabas.Client;
using Barnabas.Records;

namespace Barnabas.Cli;

/// <summary>A piece of a format.</summary>
internal abstract class FormatPart
{
    /// <summary>Writes what the piece stands for.</summary>
    public abstract void Write(StdOut to, FetchedRecords fetched, scoped in RecordCursor cursor);
}

/// <summary>Bytes as they are.</summary>
internal sealed class LiteralPart(byte[] bytes) : FormatPart
{
    public override void Write(StdOut to, FetchedRecords fetched, scoped in RecordCursor cursor) => to.Write(bytes);
}

/// <summary>The topic's name.</summary>
internal sealed class TopicPart : FormatPart
{
    public override void Write(StdOut to, FetchedRecords fetched, scoped in RecordCursor cursor) =>
        to.Write(fetched.Partition.Topic);
}

/// <summary>Where bytes come from.</summary>
internal enum BytesSource
{
    Key,
    Value,
}

/// <summary>The key or the value.</summary>
internal sealed class BytesPart(BytesSource source, BytesForm form) : FormatPart
{
    public override void Write(StdOut to, FetchedRecords fetched, scoped in RecordCursor cursor)
    {
        var record = cursor.Current;
        form.Write(to, source == BytesSource.Key ? record.Key : record.Value);
    }
}

/// <summary>All headers: each by a format of its own, or as <c>k=v,k=v</c>.</summary>
internal sealed class HeadersPart : FormatPart
{
    private readonly List<(byte[] Text, BytesForm? Form, bool IsKey)>? _each;

    public HeadersPart(string? each)
    {
        if (each is null)
            return;
        _each = [];
        for (var at = 0; at < each.Length;)
        {
            if (each[at] == '%' && !each.AsSpan(at).StartsWith("%%"))
            {
                var (letter, modifier) = FormatString.Letter(each, ref at);
                if (letter is not ('k' or 'v' or 's'))
                    throw CliException.Usage($"'%{letter}' is no field of a header: there are %k and %v");
                _each.Add(([], BytesForm.Parse(modifier), letter == 'k'));
                continue;
            }

            var next = each.IndexOf('%', at + (each[at] == '%' ? 2 : 1));
            next = next < 0 ? each.Length : next;
            var text = each[at..next].Replace("%%", "%", StringComparison.Ordinal);
            _each.Add((Escapes.Bytes(text), null, false));
            at = next;
        }
    }

    public override void Write(StdOut to, FetchedRecords fetched, scoped in RecordCursor cursor)
    {
        var isFirst = true;
        foreach (var header in cursor.Current.Headers)
        {
            if (_each is null)
                Pair(to, header, isFirst);
            else
                Formatted(to, header);
            isFirst = false;
        }
    }

    private static void Pair(StdOut to, RecordHeaderView header, bool isFirst)
    {
        if (!isFirst)
            to.Write(","u8);
        to.Write(header.Key);
        to.Write("="u8);
        to.Write(header.Value.IsNull ? "NULL"u8 : header.Value.Span);
    }

    private void Formatted(StdOut to, RecordHeaderView header)
    {
        foreach (var (text, form, isKey) in _each!)
        {
            if (form is null)
                to.Write(text);
            else
                form.Write(to, isKey ? new NullableBytes(header.Key) : header.Value);
        }
    }
}

/// <summary>The attributes of the record's batch.</summary>
internal sealed class AttributePart(Func<BatchAttributes, string> text) : FormatPart
{
    /// <summary>The attribute a modifier names.</summary>
    public static AttributePart Parse(string? modifier) => new(modifier switch
    {
        null or "compression" => static a => a.Codec.ToString().ToLowerInvariant(),
        "timestamp-type" => static a => a.IsLogAppendTime ? "LogAppendTime" : "CreateTime",
        "transactional-bit" => static a => a.IsTransactional ? "1" : "0",
        "control-bit" => static a => a.IsControl ? "1" : "0",
        _ => throw CliException.Usage(
            $"'{modifier}' is no attribute: there are compression, timestamp-type, transactional-bit, control-bit"),
    });

    public override void Write(StdOut to, FetchedRecords fetched, scoped in RecordCursor cursor) =>
        to.Write(text(cursor.Attributes));
}
