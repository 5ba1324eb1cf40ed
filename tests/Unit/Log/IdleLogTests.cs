using Barnabas.Base;
using Barnabas.Sim;

namespace Barnabas.Tests.Unit.Log;

/// <summary>Logs that nothing is done to: most of a broker's many are so.</summary>
public sealed class IdleLogTests
{
    private readonly LogFixture _fixture = new();

    [Fact]
    public void A_log_closed_as_it_was_opened_is_not_written_to()
    {
        var log = _fixture.Open();
        for (var i = 0; i < 100; i++)
            log.Append([LogFixture.Batch(1, producer: 7, sequence: i, leaderEpoch: 1)]);
        var end = log.View.End;
        _fixture.Close(log);
        var changes = 0;
        _fixture.Disk.BeforeChange = () => changes++;

        log = _fixture.Open(clean: true);
        log.AssignEpoch(new(5));
        _fixture.Close(log);

        Assert.Equal(0, changes);
        _fixture.Disk.Crash(CrashKind.LosesAll);
        log = _fixture.Open(clean: true);
        Assert.Equal((end, new LeaderEpoch(1)), (log.View.End, log.View.Epochs.Latest));
    }

    [Fact]
    public void A_log_closed_as_it_was_made_is_there_after_a_power_cut()
    {
        var id = new TopicId(new Uuid(1, 2));
        var log = _fixture.Open();
        log.SetTopicId(id);
        log.AssignEpoch(new(0));
        var syncs = _fixture.Disk.Calls;
        _fixture.Close(log);
        Assert.InRange(_fixture.Disk.Calls - syncs, 0, 6);
        _fixture.Disk.Crash(CrashKind.LosesAll);

        log = _fixture.Open(clean: true);
        Assert.Equal((Offset.Zero, id), (log.View.End, log.TopicId));
        log.Append([LogFixture.Batch(1)]);
        _fixture.Flush(log);
        _fixture.Disk.Crash(CrashKind.LosesAll);

        Assert.Equal(new Offset(1), _fixture.Open().View.End);
    }

    [Fact]
    public void Segments_taken_up_again_are_indexed_on()
    {
        var log = _fixture.Open();
        for (var run = 0; run < 5; run++)
        {
            for (var i = 0; i < 10; i++)
                log.Append([LogFixture.Batch(1, LogFixture.Start + (run * 10) + i, valueSize: 100)]);
            _fixture.Close(log);
            var path = $"{LogFixture.Directory}/00000000000000000000.index";
            var trimmed = _fixture.Disk.Peek(path).Length;
            log = _fixture.Open(clean: true);
            Assert.Equal(trimmed, _fixture.Disk.Peek(path).Length);
        }

        Assert.Equal(new Offset(50), log.View.End);
        for (var from = 0; from < 50; from++)
        {
            var read = log.View.Read(new(from), log.View.End, 1, atLeastOneBatch: true);
            Assert.Equal(from, read.FirstOffset.Value);
            read.Release();
        }
    }
}
