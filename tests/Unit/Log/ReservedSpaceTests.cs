namespace Barnabas.Tests.Unit.Log;

/// <summary>Blocks reserved ahead of a log's end.</summary>
public sealed class ReservedSpaceTests
{
    private const int Large = 2 << 20;
    private readonly LogFixture _fixture = new()
    {
        Settings = LogFixture.Small with { SegmentBytes = 64 << 20, SegmentIndexBytes = 1 << 20 },
    };

    [Fact]
    public void Nothing_is_reserved_while_a_sync_runs()
    {
        var log = _fixture.Open();
        // As much is reserved as the segment holds: after two that reserve, the third has room.
        Assert.Equal((2, 2, 1), (CallsOfAppend(), CallsOfAppend(), CallsOfAppend()));

        var flush = log.FlushAsync();
        Assert.False(flush.IsCompleted);
        for (var i = 0; i < 8; i++)
            Assert.Equal(1, CallsOfAppend());
        _fixture.World.Run(() => flush);

        Assert.Equal(2, CallsOfAppend());

        int CallsOfAppend()
        {
            var before = _fixture.Disk.Calls;
            log.Append([LogFixture.Batch(1, valueSize: Large)]);
            return (int)(_fixture.Disk.Calls - before);
        }
    }
}
