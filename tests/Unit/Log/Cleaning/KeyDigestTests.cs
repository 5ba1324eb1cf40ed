using System.Buffers.Binary;
using Barnabas.Base;
using Barnabas.Log;

namespace Barnabas.Tests.Unit.Log;

public sealed class KeyDigestTests
{
    /// <summary>The first of the test vectors that come with SipHash: the key is 00 to 0f, the input counts up from
    /// 00.</summary>
    [Theory]
    [InlineData(0, "a3817f04ba25a8e66df67214c7550293")]
    [InlineData(1, "da87c1d86b99af44347659119b22fc45")]
    [InlineData(2, "8177228da4a45dc7fca38bdef60affe4")]
    public void It_is_siphash_of_128_bits(int length, string expected)
    {
        var digest = new KeyDigest([.. Enumerable.Range(0, 16).Select(static i => (byte)i)]);
        var (low, high) = digest.Of([.. Enumerable.Range(0, length).Select(static i => (byte)i)]);
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, low);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), high);
        Assert.Equal(expected, Convert.ToHexStringLower(bytes));
    }

    [Fact]
    public void Keys_of_all_lengths_differ()
    {
        var digest = new KeyDigest(new byte[16]);
        var bytes = new byte[40];
        var seen = Enumerable.Range(0, bytes.Length + 1).Select(i => digest.Of(bytes.AsSpan(0, i))).ToHashSet();
        Assert.Equal(bytes.Length + 1, seen.Count);
    }

    [Fact]
    public void A_map_knows_the_last_offset_of_each_key_until_it_is_full()
    {
        var map = new OffsetMap(new KeyDigest(new byte[16]), 100 * OffsetMap.EntrySize, 0.75, long.MaxValue);
        for (var i = 0; i < 75; i++)
            Assert.True(map.TryPut(BitConverter.GetBytes(i), new Offset(i)));

        Assert.False(map.TryPut(BitConverter.GetBytes(75), new Offset(75)));
        Assert.True(map.TryPut(BitConverter.GetBytes(7), new Offset(76)));
        Assert.Equal(new Offset(76), map.Latest);
        Assert.Equal((75, 0.75), (map.Count, map.Utilization));
        for (var i = 0; i < 75; i++)
            Assert.Equal(new Offset(i == 7 ? 76 : i), map.LastOf(BitConverter.GetBytes(i)));
        Assert.Equal(Offset.None, map.LastOf(BitConverter.GetBytes(75)));
    }

    [Fact]
    public void A_map_takes_no_more_memory_than_its_keys_can_need()
    {
        var map = new OffsetMap(new KeyDigest(new byte[16]), 1L << 30, 0.9, 10);
        for (var i = 0; i < 10; i++)
            Assert.True(map.TryPut(BitConverter.GetBytes(i), new Offset(i)));
        Assert.InRange(map.Utilization, 0.7, 0.9);
    }
}
