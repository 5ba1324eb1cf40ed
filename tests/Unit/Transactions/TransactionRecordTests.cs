using Barnabas.Base;
using Barnabas.Transactions;
using Barnabas.Wire;

namespace Barnabas.Tests.Unit.Transactions;

public sealed class TransactionRecordTests
{
    private static readonly Transaction Sample = new("t")
    {
        ProducerId = new ProducerId(4000),
        PreviousProducerId = new ProducerId(4000),
        NextProducerId = new ProducerId(4001),
        Epoch = 7,
        TimeoutMs = 60_000,
        Status = TransactionStatus.PrepareCommit,
        Partitions = [new("a", 1), new("b", 0), new("a", 0)],
        Started = 1_700_000_000_000,
        Updated = 1_700_000_000_001,
        ClientVersion = 2,
    };

    [Theory]
    [InlineData(0, "00000000000000000FA000070000EA60020000000200016100000002000000000000000100016200000001"
        + "000000000000018BCFE568010000018BCFE56800")]
    [InlineData(1, "00010000000000000FA000070000EA60020302610300000000000000010002620200000000000000"
        + "018BCFE568010000018BCFE568000300080000000000000FA001080000000000000FA102020002")]
    [InlineData(2, "00010000000000000FA000070000EA60020302610300000000000000010002620200000000000000"
        + "018BCFE568010000018BCFE568000300080000000000000FA001080000000000000FA102020002")]
    public void Records_are_Kafkas(short version, string expected)
    {
        var (key, value) = TransactionRecordCodec.Write(TransactionRecord.Of(Sample), version);
        Assert.Equal("0000000174", Convert.ToHexString(key));
        Assert.Equal(expected, Convert.ToHexString(value!));
    }

    [Fact]
    public void A_record_is_read_as_it_was_written()
    {
        foreach (var status in Enum.GetValues<TransactionStatus>())
        {
            var written = Sample with
            {
                Status = status,
                Partitions = status == TransactionStatus.Empty ? [] : Sample.Partitions,
            };
            var (key, value) = TransactionRecordCodec.Write(TransactionRecord.Of(written), 2);
            var read = TransactionRecordCodec.Read(key, value.AsMemory())!;
            Assert.Equal("t", read.TransactionalId);
            Assert.Equal(written.Partitions, read.After!.Partitions);
            Assert.Equal(TransactionStory.Kept(written), TransactionStory.Kept(read.After));
        }
    }

    [Fact]
    public void A_tombstone_is_read_as_one()
    {
        var (key, value) = TransactionRecordCodec.Write(new TransactionRecord("t", null), 2);
        Assert.Null(value);
        Assert.Equal(new TransactionRecord("t", null), TransactionRecordCodec.Read(key, null));
    }

    [Theory]
    [InlineData("0001000174", "")]
    [InlineData("0000000174", "0002")]
    public void What_a_later_version_wrote_is_passed_over(string key, string value) =>
        Assert.Null(TransactionRecordCodec.Read(Convert.FromHexString(key), Convert.FromHexString(value)));

    [Fact]
    public void A_status_that_does_not_exist_is_damage()
    {
        var (key, value) = TransactionRecordCodec.Write(TransactionRecord.Of(Sample), 0);
        value![16] = 8;
        Assert.Throws<MalformedFrameException>(() => TransactionRecordCodec.Read(key, value.AsMemory()));
    }
}
