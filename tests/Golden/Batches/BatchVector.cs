using System.Text.Json;
using Barnabas.Base;
using Barnabas.Records;

namespace Barnabas.Tests.Golden;

/// <summary>A row of a batches.tsv: the bytes of a batch or message set, and what they hold.</summary>
internal sealed class BatchVector
{
    private readonly string[] _fields;

    private BatchVector(string[] fields) => _fields = fields;

    public string Name => _fields[0];

    public int Magic => int.Parse(_fields[1], null);

    public CompressionCodec Codec => Enum.Parse<CompressionCodec>(_fields[2], ignoreCase: true);

    public Offset BaseOffset => new(Number(3));

    public Offset LastOffset => new(Number(4));

    public LeaderEpoch LeaderEpoch => new((int)Number(5));

    public bool IsLogAppendTime => _fields[6] == "LogAppendTime";

    public long MaxTimestamp => Number(7);

    public ProducerId ProducerId => new(Number(8));

    public short ProducerEpoch => (short)Number(9);

    public int BaseSequence => (int)Number(10);

    public bool IsTransactional => bool.Parse(_fields[11]);

    public bool IsControl => bool.Parse(_fields[12]);

    public byte[] Bytes => Convert.FromHexString(_fields[14]);

    /// <summary>The records, in the form of <see cref="Text(Barnabas.Records.Record)"/>.</summary>
    public List<string> Records =>
        JsonDocument.Parse(_fields[13]).RootElement.EnumerateArray().Select(Text).ToList();

    public static List<BatchVector> ReadFile(string path) =>
        File.ReadLines(path).Skip(1).Select(line => new BatchVector(line.Split('\t'))).ToList();

    /// <summary>A record that was read, with all its fields.</summary>
    public static string Text(Barnabas.Records.Record record)
    {
        var headers = record.Headers.ToArray().Select(h => $"{h.Key}={Hex(h.Value)}");
        var (key, value) = (Hex(record.Key.ToArray()), Hex(record.Value.ToArray()));
        return $"{record.Offset.Value} {record.Timestamp} {key} {value} [{string.Join(' ', headers)}]";
    }

    public override string ToString() => Name;

    private static string Text(JsonElement record)
    {
        var headers = record.GetProperty("headers").EnumerateArray();
        var texts = headers.Select(h => $"{h[0].GetString()}={Hex(h[1])}");
        var (key, value) = (Hex(record.GetProperty("key")), Hex(record.GetProperty("value")));
        var (offset, timestamp) = (record.GetProperty("offset"), record.GetProperty("timestamp"));
        return $"{offset} {timestamp} {key} {value} [{string.Join(' ', texts)}]";
    }

    private long Number(int field) => long.Parse(_fields[field], null);

    private static string Hex(JsonElement text) =>
        text.ValueKind == JsonValueKind.Null ? "null" : $"'{text.GetString()}'";

    private static string Hex(byte[]? bytes) =>
        bytes is null ? "null" : $"'{Convert.ToHexStringLower(bytes)}'";
}
