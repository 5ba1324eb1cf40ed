using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Records;

namespace Barnabas.Tests.Unit.Log;

public sealed class TimeLookupTests
{
    private readonly LogFixture _fixture = new();

    [Theory]
    [InlineData(CompressionCodec.None)]
    [InlineData(CompressionCodec.Gzip)]
    [InlineData(CompressionCodec.Lz4)]
    public void The_first_record_with_at_least_the_timestamp_is_found(CompressionCodec codec)
    {
        var log = _fixture.Open();
        var timestamps = new List<long>();
        var random = new Random(5);
        for (var i = 0; i < 120; i++)
        {
            var first = 1000 + (i * 5) + random.Next(40);
            log.Append([LogFixture.Batch(3, first, codec: new Compression(codec))]);
            timestamps.AddRange([first, first + 1, first + 2]);
        }

        Check(log, timestamps);
        _fixture.Close(log);
        Check(_fixture.Open(clean: true), timestamps);
    }

    [Fact]
    public void Records_below_the_log_start_or_above_the_bound_do_not_count()
    {
        var log = _fixture.Open();
        log.Append([LogFixture.Batch(3, 1000), LogFixture.Batch(3, 2000)]);
        log.DeleteTo(new(1));

        Assert.Equal(new Offset(1), log.View.FindByTimestamp(0, log.View.End)?.Offset);
        Assert.Null(log.View.FindByTimestamp(2000, new(3)));
        Assert.Equal(new Offset(3), log.View.FindByTimestamp(2000, new(4))?.Offset);
    }

    [Fact]
    public void An_empty_log_has_no_timestamps()
    {
        var log = _fixture.Open();

        Assert.Null(log.View.FindByTimestamp(0, log.View.End));
        Assert.Null(log.View.MaxTimestamp());
    }

    [Fact]
    public void A_damaged_time_index_does_not_mislead()
    {
        var log = _fixture.Open();
        for (var i = 0; i < 120; i++)
            log.Append([LogFixture.Batch(3, 1000 + (i * 5))]);
        _fixture.Close(log);
        var timestamps = Enumerable.Range(0, 360).Select(i => 1000L + (i / 3 * 5) + (i % 3)).ToList();
        var path = $"{LogFixture.Directory}/00000000000000000000.timeindex";
        var length = _fixture.Disk.Peek(path).Length;

        for (var at = 0; at < length; at++)
        {
            _fixture.Disk.Flip(path, at, 0x10);
            var again = _fixture.Open(clean: true);
            for (var time = 990; time < 1620; time += 17)
                Assert.Equal(Expected(timestamps, time), again.View.FindByTimestamp(time, new(360))?.Offset.Value);
            _fixture.Close(again, clean: false);
            _fixture.Disk.Flip(path, at, 0x10);
        }
    }

    private static void Check(PartitionLog log, List<long> timestamps)
    {
        for (var time = 990L; time < 1700; time++)
        {
            var expected = Expected(timestamps, time);
            var found = log.View.FindByTimestamp(time, log.View.End);
            Assert.Equal(expected, found?.Offset.Value);
            if (expected is { } offset)
                Assert.Equal(timestamps[(int)offset], found?.Timestamp);
        }

        var max = timestamps.Max();
        Assert.Equal(new(max, new(timestamps.IndexOf(max)), new(0)), log.View.MaxTimestamp());
    }

    private static long? Expected(List<long> timestamps, long time) =>
        timestamps.FindIndex(t => t >= time) is >= 0 and var at ? at : null;
}
