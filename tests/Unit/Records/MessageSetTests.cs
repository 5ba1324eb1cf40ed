using System.Buffers;
using System.Buffers.Binary;
using Barnabas.Records;

namespace Barnabas.Tests.Unit.Records;

public sealed class MessageSetTests
{
    [Theory]
    [InlineData("000000000000000000000015" + "71ef5770" + "0000", -1)]
    [InlineData("00000000000000010000001d" + "9e349596" + "0100" + "0000018bcfe56800", 1_700_000_000_000)]
    public void A_message_is_read(string head, long timestamp)
    {
        const string KeyAndValue = "00000002" + "6b31" + "00000005" + "68656c6c6f";
        var (read, fault) = Read(Convert.FromHexString(head + KeyAndValue));
        Assert.Equal(RecordFault.None, fault);
        Assert.Equal([Sample.Of("k1", "hello", timestamp).ToString()], read.Select(r => r.Text));
    }

    [Theory]
    [InlineData(0, CompressionCodec.Gzip)]
    [InlineData(1, CompressionCodec.Gzip)]
    [InlineData(0, CompressionCodec.Snappy)]
    [InlineData(1, CompressionCodec.Snappy)]
    [InlineData(0, CompressionCodec.Lz4)]
    [InlineData(1, CompressionCodec.Lz4)]
    public void A_wrapper_is_read_between_messages(int magic, CompressionCodec codec)
    {
        var bases = magic == 0 ? 10 : 0;
        byte[] inner =
        [
            .. Message(magic, bases, 5, "a", "1"),
            .. Message(magic, bases + 1, 6, null, "2"),
            .. Message(magic, bases + 2, 7, "c", null),
        ];
        byte[] set =
        [
            .. Message(magic, 9, 4, "z", "0"),
            .. Wrapper(magic, 12, 7, (int)codec, inner),
            .. Message(magic, 13, 8, "y", ""),
        ];
        var (read, fault) = Read(set);
        Assert.Equal(RecordFault.None, fault);
        Assert.Equal([9L, 10, 11, 12, 13], read.Select(r => r.Offset));
        long Time(long t) => magic == 0 ? -1 : t;
        Assert.Equal(
            [
                Sample.Of("z", "0", Time(4)).ToString(), Sample.Of("a", "1", Time(5)).ToString(),
                Sample.Of(null, "2", Time(6)).ToString(), Sample.Of("c", null, Time(7)).ToString(),
                Sample.Of("y", "", Time(8)).ToString(),
            ],
            read.Select(r => r.Text));
    }

    [Fact]
    public void Log_append_time_of_a_wrapper_stands_for_its_messages()
    {
        var set = Wrapper(1, 0, 99, (int)CompressionCodec.Gzip | 8, Message(1, 0, 5, "a", "1"));
        Assert.Equal([Sample.Of("a", "1", 99).ToString()], Read(set).Records.Select(r => r.Text));
    }

    [Fact]
    public void The_wrong_header_checksum_of_old_lz4_frames_is_taken_in_v0_only()
    {
        foreach (var (magic, expected) in new[] { (0, RecordFault.None), (1, RecordFault.BadCompression) })
        {
            var frame = Compress(CompressionCodec.Lz4, Message(magic, 0, 1, "a", "1"));
            frame[6] ^= 0x55;
            Assert.Equal(expected, Read(Message(magic, 0, 1, null, frame, (int)CompressionCodec.Lz4)).Fault);
        }
    }

    [Fact]
    public void What_cannot_stand_in_a_wrapper_is_refused()
    {
        const int Gzip = (int)CompressionCodec.Gzip;
        var message = Message(1, 0, 1, "a", "1");
        Assert.Equal(
            RecordFault.BadFormat, Read(Wrapper(1, 0, 1, Gzip, Wrapper(1, 0, 1, Gzip, message))).Fault);
        Assert.Equal(RecordFault.BadFormat, Read(Wrapper(1, 0, 1, Gzip, Message(0, 0, 1, "a", "1"))).Fault);
        Assert.Equal(RecordFault.TooFewRecords, Read(Wrapper(1, 0, 1, Gzip, [])).Fault);
        Assert.Equal(
            RecordFault.BadFormat, Read(Message(1, 0, 1, null, message, (int)CompressionCodec.Zstd)).Fault);
        Assert.Equal(
            RecordFault.BadCompression, Read(Message(1, 0, 1, null, "no gzip"u8.ToArray(), Gzip)).Fault);
        Assert.Equal(RecordFault.TooLarge, Read(Wrapper(1, 0, 1, Gzip, new byte[5_000_000])).Fault);
        Assert.Equal(RecordFault.Truncated, Read(Wrapper(1, 0, 1, Gzip, message[..^1])).Fault);
    }

    [Fact]
    public void No_bytes_make_the_reader_throw()
    {
        var random = new Random(6);
        byte[] set = [.. Message(0, 0, 0, "a", "1"), .. Wrapper(
            1, 3, 7, 3, [.. Message(1, 0, 5, "b", "2"), .. Message(1, 1, 5, "b", "2")])];
        for (var i = 0; i < 20_000; i++)
        {
            var spoilt = set.AsSpan(0, random.Next(3) == 0 ? random.Next(set.Length) : set.Length).ToArray();
            for (var n = random.Next(3); n > 0 && spoilt.Length > 0; n--)
                spoilt[random.Next(spoilt.Length)] = (byte)random.Next(256);
            if (random.Next(2) == 0)
                SealAll(spoilt);
            _ = Read(spoilt);
        }
    }

    internal static byte[] Message(int magic, long offset, long timestamp, string? key, string? value) =>
        Message(magic, offset, timestamp, Sample.Of(key, value).Key, Sample.Of(key, value).Value);

    internal static byte[] Wrapper(int magic, long offset, long timestamp, int attributes, byte[] inner) =>
        Message(
            magic, offset, timestamp, null, Compress((CompressionCodec)(attributes & 7), inner), attributes);

    private static byte[] Compress(CompressionCodec codec, byte[] bytes) =>
        CodecsTests.Compress(codec, null, bytes);

    private static byte[] Message(
        int magic, long offset, long timestamp, byte[]? key, byte[]? value, int attributes = 0)
    {
        var body = new ArrayBufferWriter<byte>();
        body.Write([(byte)magic, (byte)attributes]);
        if (magic == 1)
            WriteLong(body, timestamp);
        foreach (var field in new[] { key, value })
        {
            WriteInt(body, field?.Length ?? -1);
            body.Write(field);
        }
        var entry = new ArrayBufferWriter<byte>();
        WriteLong(entry, offset);
        WriteInt(entry, body.WrittenCount + 4);
        WriteInt(entry, (int)Crc32.Compute(body.WrittenSpan));
        entry.Write(body.WrittenSpan);
        return entry.WrittenSpan.ToArray();
    }

    /// <summary>Sets the checksums of outer entries right, so that spoilt bytes come past them.</summary>
    private static void SealAll(Span<byte> set)
    {
        while (set.Length >= 17)
        {
            var size = BinaryPrimitives.ReadInt32BigEndian(set[8..]) + 12;
            if (size < 17 || size > set.Length)
                return;
            BinaryPrimitives.WriteUInt32BigEndian(set[12..], Crc32.Compute(set[16..size]));
            set = set[size..];
        }
    }

    private static (List<(long Offset, string Text)> Records, RecordFault Fault) Read(byte[] set)
    {
        using var reader = new MessageSetReader(set, 1 << 20);
        var records = new List<(long, string)>();
        while (reader.TryRead(out var record))
            records.Add((record.Offset.Value, Sample.From(record).ToString()));
        return (records, reader.Fault);
    }

    private static void WriteInt(ArrayBufferWriter<byte> to, int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(to.GetSpan(4), value);
        to.Advance(4);
    }

    private static void WriteLong(ArrayBufferWriter<byte> to, long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(to.GetSpan(8), value);
        to.Advance(8);
    }
}
