using Barnabas.Base;
using Barnabas.Records;
using Barnabas.Replication;
using Barnabas.Tests.Unit.Log;
using Barnabas.Tests.Unit.Records;

namespace Barnabas.Tests.Unit.Replication;

/// <summary>Logs that were begun before there were batches: their messages are copied as they are.</summary>
public sealed class OldFormatTests
{
    private const string Segment = "/data/orders-0/00000000000000000000.log";

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Messages_of_old_formats_are_copied_as_they_are(int magic)
    {
        var bases = magic == 0 ? 2 : 0;
        byte[] inner =
        [
            .. MessageSetTests.Message(magic, bases, LogFixture.Start, "a", "1"),
            .. MessageSetTests.Message(magic, bases + 1, LogFixture.Start, "b", "2"),
        ];
        byte[] set =
        [
            .. MessageSetTests.Message(magic, 0, LogFixture.Start, "x", "0"),
            .. MessageSetTests.Message(magic, 1, LogFixture.Start, null, "y"),
            .. MessageSetTests.Wrapper(magic, 3, LogFixture.Start, (int)CompressionCodec.Gzip, inner),
            .. MessageSetTests.Message(magic, 4, LogFixture.Start, "z", null),
        ];
        var story = new ReplicaStory(1, 2);
        story.Tell(async () =>
        {
            await story.BeginAsync();
            story.Lose(2);
            story.Lose(1);
            story.Brokers[1].Disk.Poke(Segment, set);
            // A log without epochs is cut at its watermark; so far it had come when the old broker stopped.
            story.Brokers[1].Disk.Poke("/data/replication-offset-checkpoint", "0\n1\norders 0 5\n"u8);
            await story.StartAsync(1, isClean: true);
            await story.UntilAsync(() => story.Decided.Leader == new BrokerId(1)
                && story.Leader.Partition?.View.Role == PartitionRole.Leader);
            Assert.Equal(new Offset(5), story.Leader.Log.End);
            await story.StartAsync(2);
            await story.LevelAsync();
            Assert.Equal(set, story.Brokers[2].Disk.Peek(Segment)[..set.Length]);
            // What is written now is written in batches behind them.
            Assert.Equal(new Offset(5), (await story.AppendAsync()).BaseOffset);
            await story.UntilAsync(() => story.Decided.Isr.Length == 2, "both are in sync");
            await story.LevelAsync();
            Assert.Equal(story.Leader.Log.SizeInBytes, story.Brokers[2].Log.SizeInBytes);
        });
    }
}
