using Barnabas.Records;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Records;

public sealed class VarintTests
{
    [Theory]
    [InlineData(0, "00")]
    [InlineData(-1, "01")]
    [InlineData(1, "02")]
    [InlineData(63, "7e")]
    [InlineData(64, "8001")]
    [InlineData(-8192, "ff7f")]
    [InlineData(8192, "808001")]
    [InlineData(int.MaxValue, "feffffff0f")]
    [InlineData(int.MinValue, "ffffffff0f")]
    public void A_value_has_its_bytes(int value, string hex)
    {
        Span<byte> bytes = stackalloc byte[Varint.MaxSize];
        Assert.Equal(hex, Convert.ToHexStringLower(bytes[..Varint.Write(bytes, value)]));
        Assert.Equal(hex.Length / 2, Varint.SizeOf(value));
    }

    [Fact]
    public void What_is_written_is_read()
    {
        Prop.ForAll<int, int>((value, shift) => Same(value << (shift & 31)) && Same(value >> (shift & 31)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
        Prop.ForAll<long, int>(
            (value, shift) => Same(value << (shift & 63)) && Same(unchecked(value * shift)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
        Assert.True(Same(long.MinValue) && Same(long.MaxValue) && Same(int.MinValue) && Same(int.MaxValue));
    }

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    [InlineData("8080")]
    [InlineData("80808080")]
    [InlineData("ffffffff10")]
    [InlineData("808080808000")]
    [InlineData("ffffffffffffffffff01")]
    public void A_value_cut_off_or_too_long_for_32_bits_is_refused(string hex)
    {
        var position = 0;
        Assert.False(Varint.TryRead(Convert.FromHexString(hex), ref position, out _));
    }

    [Theory]
    [InlineData("ffffffffffffffffff")]
    [InlineData("ffffffffffffffffff02")]
    [InlineData("8080808080808080808000")]
    public void A_value_cut_off_or_too_long_for_64_bits_is_refused(string hex)
    {
        var position = 0;
        Assert.False(Varint.TryReadLong(Convert.FromHexString(hex), ref position, out _));
    }

    private static bool Same(int value)
    {
        var bytes = new byte[Varint.MaxSize];
        var (size, position) = (Varint.Write(bytes, value), 0);
        return Varint.TryRead(bytes.AsSpan(0, size), ref position, out var read)
            && read == value && position == size && size == Varint.SizeOf(value);
    }

    private static bool Same(long value)
    {
        var bytes = new byte[Varint.MaxLongSize];
        var (size, position) = (Varint.Write(bytes, value), 0);
        return Varint.TryReadLong(bytes.AsSpan(0, size), ref position, out var read)
            && read == value && position == size && size == Varint.SizeOf(value);
    }
}
