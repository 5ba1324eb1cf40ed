using System.Text.Json;
using Barnabas.Records;

namespace Barnabas.Cli.Commands;

/// <summary>Records as lines of JSON.</summary>
internal sealed class EnvelopeSource(RecordDefaults defaults) : RecordSource(defaults)
{
    private readonly EnvelopeReader _reader = new();
    private long _line;

    /// <inheritdoc/>
    protected override int Take(ReadOnlyMemory<byte> bytes, bool isLast, ProduceSink sink)
    {
        var rest = bytes;
        while (rest.Length > 0)
        {
            var end = rest.Span.IndexOf((byte)'\n');
            if (end < 0 && !isLast)
                break;
            var line = end < 0 ? rest : rest[..end];
            if (line.Span.ContainsAnyExcept(" \t\r"u8) && !Offer(line, sink))
                break;
            _line++;
            rest = end < 0 ? default : rest[(end + 1)..];
        }

        return bytes.Length - rest.Length;
    }

    private bool Offer(ReadOnlyMemory<byte> line, ProduceSink sink)
    {
        try
        {
            _reader.Read(line);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException
            or KeyNotFoundException)
        {
            throw new CliException(ExitCode.Failed, $"line {_line + 1} is no record: {fault.Message}");
        }

        RecordHeader[] headers = [.. _reader.Headers, .. Defaults.Headers];
        NullableBytes key = _reader.Key ?? Defaults.Key;
        NullableBytes value = _reader.Value;
        if (!value.IsNull)
            value = Value(value.Span);
        return sink.Offer(Defaults.Partition ?? _reader.Partition, _reader.TimestampMs, key, value, headers);
    }
}
