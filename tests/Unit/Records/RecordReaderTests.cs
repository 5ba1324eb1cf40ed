using System.Buffers.Binary;
using Barnabas.Records;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Records;

public sealed class RecordReaderTests
{
    private const string OneRecord = "2200000004" + "6b31" + "0a68656c6c6f" + "02" + "0268" + "0276";

    [Theory]
    [InlineData(OneRecord, 1, RecordFault.None)]
    [InlineData("", 1, RecordFault.TooFewRecords)]
    [InlineData(OneRecord, 2, RecordFault.TooFewRecords)]
    [InlineData(OneRecord + "00", 1, RecordFault.BytesAfterRecords)]
    [InlineData(OneRecord, 0, RecordFault.BytesAfterRecords)]
    [InlineData("2400000004" + "6b31" + "0a68656c6c6f" + "02" + "0268" + "0276", 1, RecordFault.Truncated)]
    [InlineData("2400000004" + "6b310a68656c6c6f0202680276" + "00", 1, RecordFault.BytesLeftInRecord)]
    [InlineData("01", 1, RecordFault.BadLength)]
    [InlineData("00", 1, RecordFault.BadVarint)]
    [InlineData("808080808000", 1, RecordFault.BadVarint)]
    [InlineData("0c00000003" + "0100", 1, RecordFault.BadLength)]
    [InlineData("0c00000002" + "0100", 1, RecordFault.BadVarint)]
    [InlineData("0c0000000e" + "0100", 1, RecordFault.BadLength)]
    [InlineData("0c00000001" + "0300", 1, RecordFault.BadLength)]
    [InlineData("0c00000001" + "0101", 1, RecordFault.BadHeaderCount)]
    [InlineData("0c00000001" + "0102", 1, RecordFault.BadHeaderCount)]
    [InlineData("1000000001" + "01020101", 1, RecordFault.BadLength)]
    [InlineData("1000000001" + "01020003", 1, RecordFault.BadLength)]
    [InlineData("1000000001" + "01020001", 1, RecordFault.None)]
    public void Each_fault_is_told(string hex, int count, RecordFault expected)
    {
        var area = Convert.FromHexString(hex);
        var batch = new byte[RecordBatch.HeaderSize + area.Length];
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(57), count);
        area.CopyTo(batch, RecordBatch.HeaderSize);
        Assert.Equal(expected, Samples.Read(batch).Fault);
    }

    [Fact]
    public void No_bytes_make_the_reader_throw()
    {
        Prop.ForAll(Arb.From(Samples.Many), Arb.From(Gen.Choose(0, int.MaxValue)), (records, seed) =>
        {
            var batch = Samples.Build(records);
            var random = new Random(seed);
            for (var i = 0; i < 30; i++)
            {
                var length = random.Next(3) == 0 ? random.Next(61, batch.Length + 1) : batch.Length;
                var spoilt = batch[..length];
                for (var n = random.Next(4); n > 0 && spoilt.Length > 61; n--)
                    spoilt[random.Next(61, spoilt.Length)] = (byte)random.Next(256);
                ReadToTheEnd(spoilt);
            }
        }).Check(Samples.Config(200));
    }

    [Fact]
    public void Headers_are_enumerated_in_order_and_may_repeat()
    {
        RecordHeader[] headers = [new("a", "1"u8.ToArray()), new("a", null), new("", [])];
        var batch = Samples.Build(new Sample(1, null, null, headers));
        var reader = new RecordReader(batch.AsSpan(RecordBatch.HeaderSize), new RecordBatch(batch));
        Assert.True(reader.TryRead(out var record));
        Assert.True(record.Key.IsNull && record.Value.IsNull);
        var seen = new List<string>();
        foreach (var header in record.Headers)
        {
            var value = header.Value.IsNull ? "null" : Convert.ToHexString(header.Value.Span);
            seen.Add($"{System.Text.Encoding.UTF8.GetString(header.Key)}={value}");
        }
        Assert.Equal(["a=31", "a=null", "="], seen);
        Assert.Equal(3, record.Headers.Count);
        Assert.False(reader.TryRead(out _));
        Assert.Equal(RecordFault.None, reader.Fault);
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        var batch = Samples.Build(
            Enumerable.Range(0, 1000).Select(i => Sample.Of($"k{i}", "value")), new BatchOptions());
        var first = CountRecords(batch);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var second = CountRecords(batch);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal((1000, 1000), (first, second));
    }

    private static int CountRecords(byte[] batch)
    {
        var reader = new RecordReader(batch.AsSpan(RecordBatch.HeaderSize), new RecordBatch(batch));
        var count = 0;
        while (reader.TryRead(out _))
            count++;
        return count;
    }

    private static void ReadToTheEnd(byte[] batch)
    {
        var reader = new RecordReader(batch.AsSpan(RecordBatch.HeaderSize), new RecordBatch(batch));
        while (reader.TryRead(out var record))
            _ = Sample.From(record);
    }
}
