using Barnabas.Base;
using Barnabas.Rpc;
using Barnabas.Sim;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>A node one of whose log directories cannot be used when it starts.</summary>
public sealed class FailedDirectoryTests
{
    [Fact]
    public void The_others_serve_on_and_nothing_is_begun_anew()
    {
        var story = new NodeStory(1, "log.dirs=/a,/b");
        var (onA, onB) = (default(TopicId), default(TopicId));
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            (onA, onB) = (await NodeStory.CreateAsync(peer, "first"), await NodeStory.CreateAsync(peer, "second"));
            foreach (var id in new[] { onA, onB })
                Assert.Equal(ErrorCode.None, (await NodeStory.ProduceAsync(peer, id, NodeStory.Batch("x"))).ErrorCode);
            Assert.True(story.Disk.DirectoryExists("/a/first-0") && story.Disk.DirectoryExists("/b/second-0"));
        });
        var meta = story.Disk.Peek("/b/meta.properties");
        story.Disk.Poke("/b/meta.properties", "version=1\nnode"u8);

        var without = story.Crash(CrashKind.KeepsAll);
        without.Tell(async () =>
        {
            await using var node = await without.StartAsync();
            await using var peer = await without.DialAsync();
            Assert.Equal((ErrorCode.None, "x"), await ReadAsync(peer, onA));
            Assert.Equal((ErrorCode.KafkaStorageError, null), await ReadAsync(peer, onB));
            Assert.Equal(
                ErrorCode.KafkaStorageError, (await NodeStory.ProduceAsync(peer, onB, NodeStory.Batch("y"))).ErrorCode);

            var directories = (await NodeStory.AskAsync(peer, new DescribeLogDirsRequest { Topics = null })).Results;
            Assert.Equal(
                [("/a", ErrorCode.None), ("/b", ErrorCode.KafkaStorageError)],
                directories.Select(d => (d.LogDir, d.ErrorCode)));
            var moved = await NodeStory.AskAsync(peer, new AlterReplicaLogDirsRequest
            {
                Dirs = [new() { Path = "/b", Topics = [new() { Name = "first", Partitions = [0] }] }],
            });
            Assert.Equal(ErrorCode.KafkaStorageError, moved.Results[0].Partitions[0].ErrorCode);
            var third = await NodeStory.CreateAsync(peer, "third");
            Assert.Equal(
                ErrorCode.None, (await NodeStory.ProduceAsync(peer, third, NodeStory.Batch("z"))).ErrorCode);
        });

        story.Disk.Poke("/b/meta.properties", meta);
        var again = without.Crash(CrashKind.KeepsAll);
        again.Tell(async () =>
        {
            await using var node = await again.StartAsync();
            await using var peer = await again.DialAsync();
            Assert.Equal((ErrorCode.None, "x"), await ReadAsync(peer, onA));
            Assert.Equal((ErrorCode.None, "x"), await ReadAsync(peer, onB));
        });
    }

    [Fact]
    public void Without_the_directory_of_the_metadata_there_is_no_node()
    {
        var story = new NodeStory(1, "log.dirs=/a,/b");
        story.Tell(async () => await (await story.StartAsync()).DisposeAsync());
        story.Disk.Poke("/a/meta.properties", "version=1\nnode"u8);

        var after = story.Crash(CrashKind.KeepsAll);
        after.Tell(async () => await Assert.ThrowsAnyAsync<IOException>(after.StartAsync));
    }

    [Fact]
    public void A_directory_that_another_process_holds_is_no_failed_one()
    {
        var story = new NodeStory(1, "log.dirs=/a,/b");
        story.Tell(async () =>
        {
            await (await story.StartAsync()).DisposeAsync();
            using var held = story.Disk.TryLock("/b/.lock");
            await Assert.ThrowsAsync<Barnabas.Log.DirectoryInUseException>(story.StartAsync);
        });
    }

    private static async Task<(ErrorCode Error, string? Value)> ReadAsync(Peer peer, TopicId topic)
    {
        var data = (await NodeStory.AskAsync(peer, NodeStory.Fetch(topic, 0))).Responses[0].Partitions[0];
        return (data.ErrorCode, NodeStory.ValuesOf(data).FirstOrDefault());
    }
}
