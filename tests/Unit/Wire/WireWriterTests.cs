using Barnabas.Base;
using Barnabas.Wire;
using Barnabas.Wire.Messages;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Wire;

public sealed class WireWriterTests
{
    private delegate void Put(ref WireWriter writer);

    [Theory]
    [InlineData(0, "00")]
    [InlineData(127, "7F")]
    [InlineData(128, "8001")]
    [InlineData(300, "AC02")]
    [InlineData(16384, "808001")]
    [InlineData(int.MaxValue, "FFFFFFFF07")]
    public void A_varint_has_seven_bits_a_byte_the_low_ones_first(int value, string hex) =>
        Assert.Equal(hex, Hex((ref WireWriter w) => w.WriteUVarInt(value)));

    [Fact]
    public void Strings_bytes_and_arrays_have_two_forms_of_length()
    {
        Assert.Equal("0002C3A9" + "FFFF" + "03C3A9" + "00", Hex((ref WireWriter w) =>
        {
            w.WriteString("é", flexible: false);
            w.WriteString(null, flexible: false);
            w.WriteString("é", flexible: true);
            w.WriteString(null, flexible: true);
        }));
        Assert.Equal("0000000107" + "FFFFFFFF" + "0207" + "00", Hex((ref WireWriter w) =>
        {
            w.WriteBytes(new byte[] { 7 }, flexible: false);
            w.WriteBytes(null, flexible: false);
            w.WriteBytes(new byte[] { 7 }, flexible: true);
            w.WriteBytes(null, flexible: true);
        }));
        Assert.Equal("00000005" + "FFFFFFFF" + "06" + "00", Hex((ref WireWriter w) =>
        {
            w.WriteArrayCount(5, flexible: false);
            w.WriteArrayCount(-1, flexible: false);
            w.WriteArrayCount(5, flexible: true);
            w.WriteArrayCount(-1, flexible: true);
        }));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_string_too_long_for_the_wire_is_refused(bool flexible)
    {
        var text = new string('x', short.MaxValue + 1);
        Assert.Throws<UnrepresentableFieldException>(() => Hex((ref WireWriter w) => w.WriteString(text, flexible)));
        var longest = Hex((ref WireWriter w) => w.WriteString(text[1..], flexible));
        Assert.Equal(short.MaxValue + (flexible ? 3 : 2), longest.Length / 2);
    }

    [Fact]
    public void A_set_field_without_a_place_in_the_version_is_refused_unless_it_may_be_dropped()
    {
        using var frame = new OutgoingFrame();
        var request = new FetchRequest { ReplicaState = { ReplicaId = new BrokerId(1) } };
        Assert.Throws<UnrepresentableFieldException>(() => frame.Write(request, 14));
        frame.Write(new FetchRequest { RackId = "r1" }, 10);
    }

    [Fact]
    public void What_is_written_is_read_again() =>
        Prop.ForAll<int, long, string?>(static (number, wide, text) =>
        {
            using var frame = new OutgoingFrame();
            var w = new WireWriter(frame);
            w.WriteInt32(number);
            w.WriteInt16((short)number);
            w.WriteUInt32((uint)number);
            w.WriteInt64(wide);
            w.WriteUVarInt(number & int.MaxValue);
            w.WriteUuid(new Uuid((ulong)wide, (ulong)number));
            w.WriteFloat64(wide / 3.0);
            w.WriteString(text, flexible: true);
            w.WriteString(text, flexible: false);
            w.WriteBool(number > 0);
            w.Flush();

            var r = new WireReader(frame.ToArray());
            var same = r.ReadInt32() == number && r.ReadInt16() == (short)number && r.ReadUInt32() == (uint)number &&
                r.ReadInt64() == wide && r.ReadUVarInt() == (number & int.MaxValue) &&
                r.ReadUuid() == new Uuid((ulong)wide, (ulong)number) && r.ReadFloat64() == wide / 3.0 &&
                AreSame(r.ReadNullableString(true), text) && AreSame(r.ReadNullableString(false), text) &&
                r.ReadBool() == number > 0;
            r.End();
            return same;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_counter_counts_what_a_frame_would_take()
    {
        var message = MetadataOf(300);
        using var frame = new OutgoingFrame();
        frame.Write(message, 12);
        var counter = WireWriter.Counter();
        message.Write(ref counter, 12);
        Assert.Equal(frame.Length, counter.Count);
        Assert.Equal(frame.Length, frame.ToArray().Length);
    }

    [Fact]
    public void A_message_larger_than_a_chunk_is_one_stretch_of_bytes()
    {
        var message = MetadataOf(2000);
        using var frame = new OutgoingFrame();
        frame.Write(message, 12);
        var reader = new WireReader(frame.ToArray());
        var read = MetadataResponse.Read(ref reader, 12);
        reader.End();
        Assert.True(frame.Parts.Count > 1);
        Assert.Equal(message.Topics.Select(t => t.Name), read.Topics.Select(t => t.Name));
    }

    private static MetadataResponse MetadataOf(int topics) => new()
    {
        Topics =
        [
            .. Enumerable.Range(0, topics)
                .Select(i => new MetadataResponse.MetadataResponseTopic { Name = $"topic-{i}" }),
        ],
    };

    // Lone surrogates have no UTF-8 and come back as U+FFFD.
    private static bool AreSame(string? read, string? written) => written is null
        ? read is null
        : read == System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(written));

    private static string Hex(Put put)
    {
        using var frame = new OutgoingFrame();
        var w = new WireWriter(frame);
        put(ref w);
        w.Flush();
        return Convert.ToHexString(frame.ToArray());
    }
}
