using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Quorum;
using Barnabas.Records;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Quorum;

public sealed class SoloJournalTests
{
    [Fact]
    public void A_new_log_begins_with_its_voters_and_a_leader_change() => In(new SoloWorld(1), async world =>
    {
        var node = await world.StartAsync();
        Assert.Equal((1, 3L), (node.Journal.Epoch, node.Journal.NextOffset));
        Assert.Equal(SoloWorld.Self, Assert.Single(node.Journal.Voters.Voters));
        Assert.Contains("00000000000000000000-0000000000.checkpoint", world.Files());
        Assert.Contains("00000000000000000000.log", world.Files());
        Assert.Equal(
            """
            {"leaderId":1,"leaderEpoch":1,"votedId":1,"votedDirectoryId":"ASNFZ4mrze8BI0VniavN7w","data_version":1}
            """,
            System.Text.Encoding.UTF8.GetString(world.Disk.Peek(Path.Combine(SoloWorld.Directory, "quorum-state"))));
        Assert.Equal("version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ", System.Text.Encoding.UTF8.GetString(
            world.Disk.Peek(Path.Combine(SoloWorld.Directory, "partition.metadata"))).TrimEnd());
    });

    [Fact]
    public void Its_first_batch_has_the_bytes_of_KRaft() => In(new SoloWorld(1), async world =>
    {
        await world.StartAsync();
        var bytes = world.Disk.Peek(world.LogFile());
        var batch = new RecordBatch(bytes);
        Assert.Equal((0L, 1, 3, true), (
            batch.BaseOffset.Value, batch.LeaderEpoch.Value, batch.RecordCount, batch.Attributes.IsControl));
        Assert.Equal(bytes.Length, batch.Size);

        // Leader 1, voters [1], granted by [1]; kraft.version 1; voter 1, no endpoint, supports versions 0 to 1.
        Assert.Equal(
            [
                ("00000002", "000000000001" + "020000000100" + "020000000100" + "00"),
                ("00000005", "0000" + "0001" + "00"),
                ("00000006", "0000" + "0200000001" + "0123456789abcdef0123456789abcdef" + "01" + "0000000100" + "0000"),
            ],
            RecordsOf(bytes));
    });

    [Fact]
    public void A_topic_record_has_the_bytes_of_Kafka()
    {
        var record = new TopicRecord { Name = "orders", TopicId = new TopicId(SoloWorld.Self.DirectoryId) };
        Assert.Equal(
            "010200076f72646572730123456789abcdef0123456789abcdef00",
            Convert.ToHexStringLower(MetadataRecordFrame.Write(record)));
    }

    [Fact]
    public void What_was_committed_is_there_after_a_restart_in_the_next_epoch() => In(new SoloWorld(2), async world =>
    {
        var node = await world.StartAsync();
        Assert.True(await node.AddAsync("a", "b"));
        Assert.True(await node.AddAsync("c"));
        await node.Journal.CloseAsync();
        Assert.False(await node.AddAsync("d"));

        var again = await world.StartAsync(new SoloSettings(SoloWorld.LogDir, SoloWorld.Self) { CleanShutdown = true });
        Assert.Equal(["a", "b", "c"], again.Committed);
        Assert.Equal(2, again.Journal.Epoch);
        Assert.True(await again.AddAsync("d"));
        Assert.Equal(8, again.Machine.Held.Offset + 1);
    });

    [Fact]
    public void Appends_made_while_a_sync_runs_share_one_batch() => In(new SoloWorld(3), async world =>
    {
        var node = await world.StartAsync();
        var before = world.Disk.Peek(world.LogFile()).Length;
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => node.AddAsync($"t{i}")));
        var batches = 0;
        var bytes = world.Disk.Peek(world.LogFile()).AsSpan(before);
        for (; bytes.Length > 0; bytes = bytes[new RecordBatch(bytes).Size..])
            batches++;
        Assert.InRange(batches, 1, 20);
        Assert.Equal(100, node.Committed.Count);
    });

    [Fact]
    public void Nothing_is_committed_once_the_disk_has_failed() => In(new SoloWorld(4), async world =>
    {
        var node = await world.StartAsync();
        Assert.True(await node.AddAsync("a"));
        world.Disk.FailAt(world.Disk.Calls + 1, andAfter: true);
        Assert.False(await node.AddAsync("b"));
        Assert.IsType<IOException>(await node.Journal.Fault, exactMatch: false);
        world.Disk.FailNever();
        Assert.False(await node.AddAsync("c"));
        Assert.Equal(["a"], node.Committed);
    });

    [Fact]
    public void A_snapshot_is_taken_when_due_and_the_log_before_it_goes() => In(new SoloWorld(5), async world =>
    {
        var node = await world.StartAsync(snapshotBytes: 1000);
        for (var i = 0; i < 60; i++)
            Assert.True(await node.AddAsync($"topic-{i}"));
        await Task.Delay(TimeSpan.FromSeconds(1), world.World, TestContext.Current.CancellationToken);
        var id = node.Journal.LatestSnapshot;
        Assert.True(id.End > 30, $"{id}");
        Assert.Equal([id.FileName], world.Files().Where(name => name.Contains("checkpoint", StringComparison.Ordinal)
            && !name.StartsWith("leader", StringComparison.Ordinal)));
        Assert.DoesNotContain("00000000000000000000.log", world.Files());
        Assert.DoesNotContain(world.Files(), name => name.EndsWith(".deleted", StringComparison.Ordinal));

        var again = await world.StartAsync();
        Assert.Equal(node.Committed, again.Committed);
        Assert.Equal(node.Journal.Voters.Voters, again.Journal.Voters.Voters.AsEnumerable());
    });

    [Fact]
    public void Leftovers_of_snapshots_are_removed_and_never_read() => In(new SoloWorld(6), async world =>
    {
        var node = await world.StartAsync();
        await node.AddAsync("a");
        world.Disk.Poke(
            Path.Combine(SoloWorld.Directory, "00000000000000000009-0000000001.checkpoint.part"), [1, 2, 3]);
        world.Disk.Poke(
            Path.Combine(SoloWorld.Directory, "00000000000000000007-0000000001.checkpoint.deleted"), [1, 2, 3]);
        var again = await world.StartAsync();
        Assert.Equal(["a"], again.Committed);
        Assert.DoesNotContain(world.Files(), name => name.EndsWith(".part", StringComparison.Ordinal));
        Assert.DoesNotContain(world.Files(), name => name.EndsWith(".checkpoint.deleted", StringComparison.Ordinal));
    });

    [Fact]
    public void The_bootstrap_checkpoint_gives_back_its_records() => In(new SoloWorld(7), world =>
    {
        Assert.Null(BootstrapCheckpoint.Read(world.Host, SoloWorld.LogDir));
        BootstrapCheckpoint.Write(world.Host, SoloWorld.LogDir, [Names.Record("x"), Names.Record("y")]);
        var records = BootstrapCheckpoint.Read(world.Host, SoloWorld.LogDir)!;
        Assert.Equal(["x", "y"], records.Aggregate(Names.Empty, (names, record) => names.Apply(record)).All);
        return Task.CompletedTask;
    });

    [Theory]
    [InlineData("00000000000000000012-0000000003.checkpoint", true)]
    [InlineData("00000000000000000012-0000000003.checkpoint.part", false)]
    [InlineData("00000000000000000012.checkpoint", false)]
    [InlineData("leader-epoch-checkpoint", false)]
    public void Names_of_snapshots_are_told_from_others(string name, bool isOne)
    {
        Assert.Equal(isOne, SnapshotId.TryParse(name, out var id));
        if (isOne)
            Assert.Equal((12L, 3, name), (id.End, id.Epoch, id.FileName));
    }

    private static List<(string Key, string Value)> RecordsOf(byte[] batch)
    {
        var records = new List<(string, string)>();
        BatchRecords.Open(batch, int.MaxValue, out var opened);
        using (opened)
        {
            var reader = opened.Read();
            while (reader.TryRead(out var record))
                records.Add((Convert.ToHexStringLower(record.Key.Span), Convert.ToHexStringLower(record.Value.Span)));
        }

        return records;
    }

    private static void In(SoloWorld world, Func<SoloWorld, Task> story) => world.World.Run(() => story(world));
}
