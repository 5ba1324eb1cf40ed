using Barnabas.Records;

namespace Barnabas.Cli.Commands;

/// <summary>Records between delimiters: lines, unless told otherwise.</summary>
/// <param name="defaults">What records have besides.</param>
/// <param name="delimiter">What ends a record.</param>
/// <param name="keyDelimiter">What stands between key and value; null for no keys.</param>
internal sealed class LineSource(RecordDefaults defaults, byte[] delimiter, byte[]? keyDelimiter)
    : RecordSource(defaults)
{
    /// <inheritdoc/>
    protected override int Take(ReadOnlyMemory<byte> bytes, bool isLast, ProduceSink sink)
    {
        var rest = bytes.Span;
        while (rest.Length > 0)
        {
            var end = delimiter.Length == 1 ? rest.IndexOf(delimiter[0]) : rest.IndexOf(delimiter);
            if (end < 0 && !isLast)
                break;
            var line = end < 0 ? rest : rest[..end];
            if (!Offer(line, sink))
                break;
            rest = end < 0 ? default : rest[(end + delimiter.Length)..];
        }

        return bytes.Length - rest.Length;
    }

    private bool Offer(ReadOnlySpan<byte> line, ProduceSink sink)
    {
        NullableBytes key = Defaults.Key;
        if (keyDelimiter is not null && line.IndexOf(keyDelimiter) is >= 0 and var at)
        {
            key = line[..at];
            line = line[(at + keyDelimiter.Length)..];
        }

        return sink.Offer(Defaults.Partition, null, key, Value(line), Defaults.Headers);
    }
}
