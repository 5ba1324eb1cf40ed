using System.Buffers.Binary;
using System.Buffers.Text;
using Barnabas.Client;

namespace Barnabas.Cli;

/// <summary>Where a number comes from.</summary>
internal enum NumberSource
{
    KeyLength,
    ValueLength,
    TopicLength,
    HeaderCount,
    Partition,
    Offset,
    Timestamp,
    LeaderEpoch,
    ProducerId,
    ProducerEpoch,
    LogStart,
    LastStable,
    HighWatermark,
}

/// <summary>A number.</summary>
internal sealed class NumberPart(NumberSource source, NumberForm form) : FormatPart
{
    public override void Write(StdOut to, FetchedRecords fetched, scoped in RecordCursor cursor) =>
        form.Write(to, Value(fetched, in cursor));

    private long Value(FetchedRecords fetched, scoped in RecordCursor cursor) => source switch
    {
        NumberSource.KeyLength => cursor.Current.Key.WireLength,
        NumberSource.ValueLength => cursor.Current.Value.WireLength,
        NumberSource.TopicLength => fetched.Partition.Topic.Length,
        NumberSource.HeaderCount => cursor.Current.Headers.Count,
        NumberSource.Partition => fetched.Partition.Partition,
        NumberSource.Offset => cursor.Current.Offset.Value,
        NumberSource.Timestamp => cursor.Current.Timestamp,
        NumberSource.LeaderEpoch => cursor.LeaderEpoch.Value,
        NumberSource.ProducerId => cursor.ProducerId.Value,
        NumberSource.ProducerEpoch => cursor.ProducerEpoch,
        NumberSource.LogStart => fetched.LogStartOffset.Value,
        NumberSource.LastStable => fetched.LastStableOffset.Value,
        _ => fetched.HighWatermark.Value,
    };
}

/// <summary>How a number is written: as digits, in hexadecimal, or as bytes.</summary>
internal abstract class NumberForm
{
    /// <summary>The form a modifier names.</summary>
    /// <exception cref="CliException">It names none.</exception>
    public static NumberForm Parse(string? modifier) => modifier switch
    {
        null or "" or "ascii" => new DigitsForm(default),
        "hex" => new DigitsForm('x'),
        "byte" or "big8" or "little8" => new BinaryForm(1, false),
        "big16" => new BinaryForm(2, false),
        "big32" => new BinaryForm(4, false),
        "big64" => new BinaryForm(8, false),
        "little16" => new BinaryForm(2, true),
        "little32" => new BinaryForm(4, true),
        "little64" => new BinaryForm(8, true),
        _ => throw CliException.Usage(
            $"'{modifier}' is no form of numbers: there are ascii, hex, byte, big16 big32 big64, "
            + "little16 little32 little64"),
    };

    /// <summary>Writes a number.</summary>
    public abstract void Write(StdOut to, long value);

    private sealed class DigitsForm(char format) : NumberForm
    {
        public override void Write(StdOut to, long value)
        {
            Utf8Formatter.TryFormat(value, to.GetSpan(20), out var written, format == default ? default : new(format));
            to.Advance(written);
        }
    }

    private sealed class BinaryForm(int size, bool isLittle) : NumberForm
    {
        public override void Write(StdOut to, long value)
        {
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteInt64BigEndian(bytes, value);
            var used = bytes[(8 - size)..];
            if (isLittle)
                used.Reverse();
            to.Write(used);
        }
    }
}
