using Barnabas.Base;
using FsCheck;
using FsCheck.Fluent;

namespace Barnabas.Tests.Unit.Base;

public sealed class UuidTests
{
    [Fact]
    public void The_text_is_URL_safe_base64_of_22_characters()
    {
        Assert.True(Uuid.TryParse("ASNFZ4mrze8BI0VniavN7w", out var id));
        Assert.Equal(new Uuid(0x0123456789abcdef, 0x0123456789abcdef), id);
        Assert.Equal("AAAAAAAAAAAAAAAAAAAAAA", Uuid.Zero.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAA+/")]
    [InlineData("AAAAAAAAAA AAAAAAAAAAA")]
    public void Other_text_is_no_id(string text) => Assert.False(Uuid.TryParse(text, out _));

    [Fact]
    public void Text_and_bytes_give_the_id_back_and_keep_its_order() =>
        Prop.ForAll<ulong, ulong>(static (high, low) =>
        {
            var id = new Uuid(high, low);
            var other = new Uuid(low, high);
            Span<byte> bytes = stackalloc byte[16];
            Span<byte> others = stackalloc byte[16];
            id.WriteTo(bytes);
            other.WriteTo(others);
            return Uuid.TryParse(id.ToString(), out var parsed) && parsed == id && Uuid.FromBytes(bytes) == id &&
                Math.Sign(id.CompareTo(other)) == Math.Sign(bytes.SequenceCompareTo(others));
        }).QuickCheckThrowOnFailure();
}
