using Barnabas.Base;
using Barnabas.Wire;
using Barnabas.Wire.Messages;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Wire;

public sealed class WireReaderTests
{
    private delegate T Read<T>(ref WireReader reader);

    [Theory]
    [InlineData("00", 0)]
    [InlineData("01", 1)]
    [InlineData("7f", 127)]
    [InlineData("8001", 128)]
    [InlineData("ac02", 300)]
    [InlineData("ffffffff07", int.MaxValue)]
    [InlineData("80808080 00", 0)]
    public void A_varint_has_seven_bits_a_byte_the_low_ones_first(string hex, int value) =>
        Assert.Equal(value, From(hex, (ref WireReader r) => r.ReadUVarInt()));

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    [InlineData("8080808008")]
    [InlineData("ffffffff0f")]
    [InlineData("808080808000")]
    public void A_varint_that_is_cut_or_too_large_is_refused(string hex) =>
        Refused(hex, (ref WireReader r) => r.ReadUVarInt());

    [Fact]
    public void Numbers_are_big_endian()
    {
        Assert.Equal(-2, From("fffe", (ref WireReader r) => r.ReadInt16()));
        Assert.Equal(0xfffe, From("fffe", (ref WireReader r) => r.ReadUInt16()));
        Assert.Equal(0x01020304, From("01020304", (ref WireReader r) => r.ReadInt32()));
        Assert.Equal(0xffffffff, From("ffffffff", (ref WireReader r) => r.ReadUInt32()));
        Assert.Equal(0x0102030405060708, From("0102030405060708", (ref WireReader r) => r.ReadInt64()));
        Assert.Equal(1.5, From("3ff8000000000000", (ref WireReader r) => r.ReadFloat64()));
        Assert.True(From("02", (ref WireReader r) => r.ReadBool()));
    }

    [Theory]
    [InlineData("0000", false, "")]
    [InlineData("ffff", false, null)]
    [InlineData("0002c3a9", false, "é")]
    [InlineData("01", true, "")]
    [InlineData("00", true, null)]
    [InlineData("03c3a9", true, "é")]
    public void A_string_has_its_length_before_it(string hex, bool flexible, string? value) =>
        Assert.Equal(value, From(hex, (ref WireReader r) => r.ReadNullableString(flexible)));

    [Theory]
    [InlineData("0003626f62", "bob", true)]
    [InlineData("0003626f62", "bo", false)]
    [InlineData("0003626f62", "bobs", false)]
    [InlineData("0003626f62", "Bob", false)]
    [InlineData("0002c3a9", "é", false)]
    public void A_string_as_expected_is_not_made_again(string hex, string likely, bool isSame)
    {
        var read = From(hex, (ref WireReader r) => r.ReadNullableString(flexible: false, likely));

        Assert.Equal(From(hex, (ref WireReader r) => r.ReadNullableString(flexible: false)), read);
        Assert.Equal(isSame, ReferenceEquals(likely, read));
    }

    [Theory]
    [InlineData("fffe", false)]
    [InlineData("0003c3a9", false)]
    [InlineData("7fff", false)]
    [InlineData("04c3a9", true)]
    [InlineData("ffffffff07", true)]
    public void A_string_of_wrong_length_is_refused(string hex, bool flexible) =>
        Refused(hex, (ref WireReader r) => r.ReadNullableString(flexible));

    [Theory]
    [InlineData("02ff", true, "\ufffd")]
    [InlineData("0002c328", false, "\ufffd(")]
    [InlineData("0003eda080", false, "\ufffd\ufffd\ufffd")]
    [InlineData("000161", false, "a")]
    public void What_is_not_UTF8_is_replaced(string hex, bool flexible, string value) =>
        Assert.Equal(value, From(hex, (ref WireReader r) => r.ReadNullableString(flexible)));

    [Theory]
    [InlineData(10_922, true)]
    [InlineData(10_923, false)]
    public void A_string_that_grows_is_no_longer_than_one_can_be(int invalid, bool fits)
    {
        var bytes = new byte[2 + invalid];
        bytes.AsSpan().Fill(0xff);
        (bytes[0], bytes[1]) = ((byte)(invalid >> 8), (byte)invalid);
        if (fits)
            Assert.Equal(invalid, new WireReader(bytes).ReadNullableString(flexible: false)!.Length);
        else
            Assert.Throws<MalformedFrameException>(() => new WireReader(bytes).ReadNullableString(flexible: false));
    }

    [Fact]
    public void A_compact_string_is_no_longer_than_a_plain_one_can_be()
    {
        var length = short.MaxValue + 1;
        var bytes = new byte[3 + length];
        (bytes[0], bytes[1], bytes[2]) = (0x81, 0x80, 0x02);
        Assert.Throws<MalformedFrameException>(() => new WireReader(bytes).ReadNullableString(flexible: true));
    }

    [Theory]
    [InlineData("7fffffff", false, 1)]
    [InlineData("00000002 000000", false, 2)]
    [InlineData("fffffffe", false, 1)]
    [InlineData("ffffffff07", true, 1)]
    [InlineData("0400", true, 1)]
    public void A_count_that_cannot_fit_is_refused(string hex, bool flexible, int elementSize) =>
        Refused(hex, (ref WireReader r) => r.ReadArrayCount(flexible, elementSize));

    [Theory]
    [InlineData("ffffffff", false, -1)]
    [InlineData("00", true, -1)]
    [InlineData("00000001 0000", false, 1)]
    [InlineData("02 0000", true, 1)]
    public void A_count_of_minus_one_is_a_null_array(string hex, bool flexible, int count) =>
        Assert.Equal(count, From(hex, (ref WireReader r) => r.ReadArrayCount(flexible, 2)));

    [Fact]
    public void A_frame_unpacks_to_no_more_than_a_multiple_of_its_size()
    {
        var bytes = new byte[1 << 20];
        (bytes[0], bytes[1], bytes[2], bytes[3]) = (0x00, 0x0f, 0xff, 0x00);
        Assert.Throws<MalformedFrameException>(() => new WireReader(bytes).ReadArrayCount(false, 1, 24));
        Assert.Equal(0x0fff00, new WireReader(bytes).ReadArrayCount(false, 1, 8));
    }

    [Theory]
    [InlineData("02 0000 0000")]
    [InlineData("02 0100 0000")]
    [InlineData("02 0000 0105")]
    [InlineData("ffffffff07")]
    [InlineData("01 00ffffffff07")]
    public void Tags_must_ascend_and_fit(string hex) => Refused(hex, (ref WireReader r) =>
    {
        var last = -1;
        UnknownTags kept = default;
        for (var count = r.ReadTagCount(); count > 0; count--)
        {
            var (tag, end) = r.BeginTag(ref last);
            r.KeepTag(ref kept, tag, end);
        }

        return kept.Count;
    });

    [Fact]
    public void A_tag_longer_or_shorter_than_its_value_is_refused()
    {
        // RequestHeader has no tags of its own; FetchRequest's tag 0 is a string.
        var request = new FetchRequest { ClusterId = "c" };
        using var frame = new OutgoingFrame();
        frame.Write(request, 17);
        var bytes = frame.ToArray();
        bytes[^3]++;
        Assert.Throws<MalformedFrameException>(() => ReadFetch([.. bytes, 0]));
        bytes[^3] -= 2;
        Assert.Throws<MalformedFrameException>(() => ReadFetch(bytes));
    }

    [Fact]
    public void Unknown_tags_are_written_back_among_the_known_ones_in_order()
    {
        // Tag 1 is unknown before version 15, where it lies behind the cluster id of tag 0.
        var tail = Convert.FromHexString("03" + "00" + "02" + "0263" + "01" + "01" + "aa" + "07" + "00");
        var request = new FetchRequest { ReplicaId = new BrokerId(3) };
        using var frame = new OutgoingFrame();
        frame.Write(request, 13);
        byte[] bytes = [.. frame.ToArray()[..^1], .. tail];

        var read = ReadFetch(bytes, 13);
        using var again = new OutgoingFrame();
        again.Write(read, 13);

        Assert.Equal("c", read.ClusterId);
        Assert.Equal(2, read.UnknownTags.Count);
        Assert.Equal(bytes, again.ToArray());
    }

    [Fact]
    public void A_produce_request_of_one_partition_takes_few_bytes_of_heap()
    {
        var records = new byte[1 << 20];
        using var frame = new OutgoingFrame();
        frame.Write(new ProduceRequest
        {
            TopicData = [new() { PartitionData = [new() { Records = new RecordBytes(records) }] }],
        }, 13);
        var bytes = frame.ToArray();
        ReadProduce(bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        ReadProduce(bytes);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 360);
    }

    [Fact]
    public void Bytes_behind_the_message_are_noticed() =>
        Assert.Throws<MalformedFrameException>(() => new WireReader(new byte[1]).End());

    [Fact]
    public void Whatever_the_bytes_a_reader_throws_nothing_but_MalformedFrameException() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), static bytes => IsHarmless(bytes)).QuickCheckThrowOnFailure();

    private static bool IsHarmless(byte[] bytes)
    {
        Read<object?>[] reads =
        [
            (ref WireReader r) => r.ReadUVarInt(), (ref WireReader r) => r.ReadNullableString(true),
            (ref WireReader r) => r.ReadNullableString(false), (ref WireReader r) => r.ReadNullableBytes(true),
            (ref WireReader r) => r.ReadNullableBytes(false), (ref WireReader r) => r.ReadArrayCount(true, 1),
            (ref WireReader r) => r.ReadArrayCount(false, 4), (ref WireReader r) => r.ReadUuid(),
            (ref WireReader r) => r.ReadTagCount(), (ref WireReader r) => r.ReadPresence(),
        ];
        foreach (var read in reads)
        {
            var reader = new WireReader(bytes);
            try
            {
                read(ref reader);
            }
            catch (MalformedFrameException)
            {
                continue;
            }

            if (reader.Position + reader.Remaining != bytes.Length)
                return false;
        }

        return true;
    }

    private static void ReadProduce(byte[] bytes)
    {
        var reader = new WireReader(bytes);
        ProduceRequest.Read(ref reader, 13);
    }

    private static FetchRequest ReadFetch(byte[] bytes, short version = 17)
    {
        var reader = new WireReader(bytes);
        var request = FetchRequest.Read(ref reader, version);
        reader.End();
        return request;
    }

    private static T From<T>(string hex, Read<T> read)
    {
        var reader = new WireReader(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        var value = read(ref reader);
        return value;
    }

    private static void Refused<T>(string hex, Read<T> read) =>
        Assert.Throws<MalformedFrameException>(() => From(hex, read));
}
