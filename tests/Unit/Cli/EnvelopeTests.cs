using System.Text;
using Barnabas.Cli;
using Barnabas.Records;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Cli;

public sealed class EnvelopeTests
{
    private static readonly byte[]?[] Awkward =
    [
        null, [], "plain"u8.ToArray(), "\"quoted\" \\ \n \t \0 é"u8.ToArray(), [0xff, 0xfe, 0],
        "{\"a\": [1, 2.50]}"u8.ToArray(),
        "{\"a\":\n1}"u8.ToArray(), "[]"u8.ToArray(), "{not json}"u8.ToArray(), "null"u8.ToArray(),
        "\u2028\ud83d\ude00"u8.ToArray(),
        [0xed, 0xa0, 0x80],
    ];

    [Fact]
    public void Awkward_keys_values_and_headers_survive()
    {
        foreach (var key in Awkward)
        {
            foreach (var value in Awkward)
                AssertSame(key, value, [new("a", value), new("a", key), new("", null)]);
        }
    }

    [Fact]
    public void Any_record_survives() => Prop.ForAll<byte[], byte[], byte[]>((key, value, header) =>
    {
        AssertSame(key, value, [new("h", header), new("h", null), new("é", [])]);
        return true;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_line_may_leave_out_what_it_does_not_need()
    {
        var reader = new EnvelopeReader();
        reader.Read("{\"value\": {\"a\": 1}, \"headers\": {\"x\": \"y\", \"z\": null}}"u8.ToArray());
        Assert.Equal("{\"a\": 1}", Encoding.UTF8.GetString(reader.Value!));
        Assert.Null(reader.Key);
        Assert.Null(reader.Partition);
        Assert.Equal(["x", "z"], reader.Headers.Select(h => h.Key));
        reader.Read("{\"key\":7}"u8.ToArray());
        Assert.Equal("7", Encoding.UTF8.GetString(reader.Key!));
        Assert.Null(reader.Value);
        Assert.Empty(reader.Headers);
    }

    private static void AssertSame(byte[]? key, byte[]? value, RecordHeader[] headers)
    {
        var line = Write(key, value, headers);
        Assert.DoesNotContain((byte)'\n', line);
        var reader = new EnvelopeReader();
        reader.Read(line);
        Assert.Equal(key, reader.Key);
        Assert.Equal(value, reader.Value);
        Assert.Equal((3, 1_700_000_000_123), (reader.Partition!.Value, reader.TimestampMs!.Value));
        Assert.Equal(headers.Select(h => (h.Key, Text(h.Value))), reader.Headers.Select(h => (h.Key, Text(h.Value))));
    }

    private static string? Text(byte[]? bytes) => bytes is null ? null : Convert.ToHexString(bytes);

    private static byte[] Write(byte[]? key, byte[]? value, RecordHeader[] headers)
    {
        using var builder = new BatchBuilder();
        builder.Append(1_700_000_000_123, key, value, headers);
        var stream = new MemoryStream();
        using (var to = new StdOut(stream))
        {
            using var fetched = Fetched.Of(builder.Build(new BatchOptions()).ToArray());
            using var cursor = fetched.GetEnumerator();
            Assert.True(cursor.MoveNext());
            using var json = Json.LineWriter(to);
            Envelope.Write(json, fetched, in cursor);
        }

        return stream.ToArray();
    }
}
