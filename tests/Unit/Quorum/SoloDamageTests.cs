using System.Text;
using Barnabas.Base;
using Barnabas.Quorum;
using Barnabas.Records;

namespace Barnabas.Tests.Unit.Quorum;

public sealed class SoloDamageTests
{
    private static readonly string QuorumState = Path.Combine(SoloWorld.Directory, "quorum-state");

    [Fact]
    public void A_flipped_bit_before_the_last_batch_stops_the_start_and_says_where() => After(async (world, node) =>
    {
        var log = world.LogFile();
        var bytes = world.Disk.Peek(log);
        var second = new RecordBatch(bytes).Size;
        world.Disk.Flip(log, second + 70, 1);
        var damage = await Assert.ThrowsAsync<MetadataDamagedException>(() => world.StartAsync());
        Assert.Equal((log, (long)second, 3L), (damage.Path, damage.Position, damage.Offset));
        Assert.Equal(1, node.Journal.Epoch);
    });

    [Theory]
    [InlineData(7)]
    [InlineData(15)]
    public void An_offset_or_epoch_that_does_not_fit_stops_the_start(int position) => After(async (world, _) =>
    {
        var log = world.LogFile();
        world.Disk.Flip(log, new RecordBatch(world.Disk.Peek(log)).Size + position, 0x40);
        await Assert.ThrowsAsync<MetadataDamagedException>(() => world.StartAsync());
    });

    [Fact]
    public void A_last_batch_cut_short_is_dropped_for_nobody_was_told_of_it() => After(async (world, node) =>
    {
        var log = world.LogFile();
        var bytes = world.Disk.Peek(log);
        world.Disk.Poke(log, bytes.AsSpan(0, bytes.Length - 5));
        var again = await world.StartAsync();
        Assert.Equal(["a", "b"], again.Committed);
        Assert.Equal(["a", "b", "c"], node.Committed);
        Assert.True(await again.AddAsync("d"));
        Assert.Equal(["a", "b", "d"], (await world.StartAsync()).Committed);
    });

    [Fact]
    public void After_a_clean_shutdown_even_the_last_batch_must_be_whole() => After(async (world, node) =>
    {
        await node.Journal.CloseAsync();
        var log = world.LogFile();
        world.Disk.Flip(log, world.Disk.Peek(log).Length - 3, 1);
        await Assert.ThrowsAsync<MetadataDamagedException>(() => world.StartAsync(
            new SoloSettings(SoloWorld.LogDir, SoloWorld.Self) { CleanShutdown = true }));
    });

    [Fact]
    public void A_log_that_is_gone_is_not_an_empty_cluster() => After(async (world, _) =>
    {
        foreach (var name in world.Files().Where(name => name.StartsWith('0')))
            world.Disk.DeleteFile(Path.Combine(SoloWorld.Directory, name));
        await Assert.ThrowsAsync<MetadataDamagedException>(() => world.StartAsync());
    });

    [Fact]
    public void A_damaged_snapshot_stops_the_start() => After(
        async (world, node) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1), world.World, TestContext.Current.CancellationToken);
            Assert.NotEqual(SnapshotId.Bootstrap, node.Journal.LatestSnapshot);
            var path = Path.Combine(SoloWorld.Directory, node.Journal.LatestSnapshot.FileName);
            var whole = world.Disk.Peek(path);

            world.Disk.Flip(path, whole.Length / 2, 4);
            await Assert.ThrowsAsync<MetadataDamagedException>(() => world.StartAsync());
            world.Disk.Poke(path, whole.AsSpan(0, whole.Length - 78));
            await Assert.ThrowsAsync<MetadataDamagedException>(() => world.StartAsync());
            world.Disk.Poke(path, [.. whole, .. whole]);
            await Assert.ThrowsAsync<MetadataDamagedException>(() => world.StartAsync());
            world.Disk.Poke(path, []);
            await Assert.ThrowsAsync<MetadataDamagedException>(() => world.StartAsync());
            world.Disk.Poke(path, whole);
            Assert.Equal(node.Committed, (await world.StartAsync()).Committed);

            // Without the snapshot the log begins in the middle.
            world.Disk.DeleteFile(path);
            await Assert.ThrowsAsync<MetadataDamagedException>(() => world.StartAsync());
        },
        snapshotBytes: 50);

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"leaderId":1,"leaderEpoch":"x","votedId":-1,"data_version":1}""")]
    [InlineData("""{"leaderId":1,"leaderEpoch":3,"votedId":-1,"votedDirectoryId":"?","data_version":1}""")]
    [InlineData("""{"leaderId":1,"leaderEpoch":3,"votedId":-1,"data_version":2}""")]
    public void A_quorum_state_that_cannot_be_read_stops_the_start(string text) => After(async (world, _) =>
    {
        world.Disk.Poke(QuorumState, Encoding.UTF8.GetBytes(text));
        await Assert.ThrowsAsync<MetadataDamagedException>(() => world.StartAsync());
    });

    [Fact]
    public void The_epoch_of_the_quorum_state_is_never_led_again() => After(async (world, _) =>
    {
        world.Disk.Poke(
            QuorumState,
            """
            {"leaderId":-1,"leaderEpoch":9,"votedId":2,"votedDirectoryId":"ASNFZ4mrze8BI0VniavN7w","data_version":1}
            """u8);
        Assert.Equal(10, (await world.StartAsync()).Journal.Epoch);
    });

    [Fact]
    public void A_directory_of_a_quorum_of_several_is_not_led_alone() => After(async (world, _) =>
    {
        world.Disk.Poke(
            QuorumState,
            """
            {"clusterId":"","leaderId":1,"leaderEpoch":9,"votedId":-1,"appliedOffset":0,
            "currentVoters":[{"voterId":1},{"voterId":2},{"voterId":3}],"data_version":0}
            """u8);
        var refused = await Assert.ThrowsAsync<IOException>(() => world.StartAsync());
        Assert.Contains("nodes 1, 2, 3", refused.Message, StringComparison.Ordinal);

        var stranger = new SoloSettings(SoloWorld.LogDir, new Voter(new BrokerId(5), new Uuid(1, 500)));
        await Assert.ThrowsAsync<IOException>(() => world.StartAsync(stranger));
    });

    private static void After(Func<SoloWorld, SoloNode, Task> story, long snapshotBytes = long.MaxValue)
    {
        var world = new SoloWorld(11);
        world.World.Run(async () =>
        {
            var node = await world.StartAsync(snapshotBytes: snapshotBytes);
            for (var name = 'a'; name <= 'c'; name++)
                Assert.True(await node.AddAsync($"{name}"));
            await story(world, node);
        });
    }
}
