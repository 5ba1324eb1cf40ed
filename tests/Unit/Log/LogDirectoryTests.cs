using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Sim;

namespace Barnabas.Tests.Unit.Log;

public sealed class LogDirectoryTests
{
    private const string Root = "kafka-logs";
    private static readonly TopicId Id = new(new(1, 2));
    private static readonly TopicPartition Orders = new("orders", 0);

    private readonly World _world = new(1);
    private readonly SimDisk _disk;
    private readonly Host _host;

    public LogDirectoryTests()
    {
        _disk = new SimDisk(1, _world);
        _host = _world.NewHost(_disk);
        LogDirectory.Format(_host, Root, "the-cluster", new(3));
    }

    [Fact]
    public void A_formatted_directory_knows_whose_it_is()
    {
        using var directory = LogDirectory.Open(_host, Root);

        Assert.Equal(("the-cluster", new BrokerId(3)), (directory.Meta.ClusterId, directory.Meta.NodeId));
        Assert.NotNull(directory.Meta.DirectoryId);
        Assert.Throws<IOException>(() => LogDirectory.Format(_host, Root, "other", new(4)));
    }

    [Fact]
    public void Only_one_process_holds_a_directory()
    {
        var first = LogDirectory.Open(_host, Root);
        Assert.Throws<DirectoryInUseException>(() => LogDirectory.Open(_host, Root));
        first.Dispose();
        LogDirectory.Open(_host, Root).Dispose();
    }

    [Fact]
    public void Damaged_meta_properties_are_never_taken_for_none()
    {
        _disk.Poke($"{Root}/meta.properties", "version=1\nnode.id=3\n"u8);

        Assert.Throws<IOException>(() => LogDirectory.Open(_host, Root));
        Assert.Throws<IOException>(() => LogDirectory.Format(_host, Root, "the-cluster", new(3)));
    }

    [Fact]
    public void Partitions_are_found_again_with_their_records_and_ids()
    {
        var directory = LogDirectory.Open(_host, Root);
        foreach (var index in Enumerable.Range(0, 5))
        {
            var log = directory.Create(new("orders", index), Id, LogFixture.Small);
            log.Append([LogFixture.Batch(index + 1)]);
            _world.Run(() => log.FlushAsync());
        }

        _disk.Crash(CrashKind.Tears);
        directory = LogDirectory.Open(_host, Root);
        Assert.False(directory.WasCleanlyShutDown);
        var loaded = Load(directory);

        Assert.Equal(Enumerable.Range(0, 5), loaded.Select(l => l.Partition.Partition));
        Assert.All(loaded, l => Assert.Equal(l.Partition.Partition + 1, l.Log!.View.End.Value));
        Assert.All(loaded, l => Assert.Equal(Id, l.Log!.TopicId));
    }

    [Fact]
    public void The_clean_shutdown_file_counts_once()
    {
        LogDirectory.Open(_host, Root).WriteCleanShutdown(37);
        _disk.Crash(CrashKind.LosesAll);

        var directory = LogDirectory.Open(_host, Root);
        Assert.Equal((true, 37L), (directory.WasCleanlyShutDown, directory.CleanShutdownEpoch));
        _disk.Crash(CrashKind.LosesAll);

        Assert.False(LogDirectory.Open(_host, Root).WasCleanlyShutDown);
    }

    [Fact]
    public void A_copy_is_found_again_and_becomes_the_log()
    {
        var directory = LogDirectory.Open(_host, Root);
        var copy = directory.OpenCopy(Orders, Id, LogFixture.Small, new(40));
        copy.Append([LogFixture.Batch(3)]);
        _world.Run(() => copy.FlushAsync());
        directory.CheckpointCopy(copy);
        _disk.Crash(CrashKind.Tears);

        directory = LogDirectory.Open(_host, Root);
        Assert.Equal([Orders], directory.UnfinishedCopies);
        Assert.Empty(directory.Partitions);
        copy = directory.OpenCopy(Orders, Id, LogFixture.Small, new(0));
        Assert.Equal((new Offset(40), new Offset(43)), (copy.View.LogStart, copy.View.End));
        copy.DeleteTo(new(42));
        _world.Run(() => copy.CloseAsync(clean: true));
        var log = directory.Promote(copy, new(41));
        Assert.Equal($"{Root}/orders-0", log.Directory);
        _disk.Crash(CrashKind.LosesAll);

        directory = LogDirectory.Open(_host, Root);
        Assert.Empty(directory.UnfinishedCopies);
        Assert.Equal(new Offset(41), directory.HighWatermarkOf(Orders));
        var loaded = Assert.Single(Load(directory)).Log!;
        Assert.Equal((new Offset(42), new Offset(43), Id), (loaded.View.LogStart, loaded.View.End, loaded.TopicId));
    }

    [Fact]
    public void A_copy_that_is_of_no_use_is_begun_anew()
    {
        var directory = LogDirectory.Open(_host, Root);
        var other = directory.OpenCopy(Orders, new(new(7, 7)), LogFixture.Small, new(40));
        _world.Run(() => other.CloseAsync(clean: true));
        _disk.Crash(CrashKind.KeepsAll);

        directory = LogDirectory.Open(_host, Root);
        var copy = directory.OpenCopy(Orders, Id, LogFixture.Small, new(5));
        Assert.Equal((new Offset(5), Id), (copy.View.End, copy.TopicId));
        Assert.False(_disk.DirectoryExists(other.Directory));
        _world.Run(() => copy.CloseAsync(clean: false));
        directory.DropCopy(copy);
        Assert.DoesNotContain(_disk.List(Root), entry => entry.IsDirectory);
    }

    [Fact]
    public void Of_two_copies_one_is_kept()
    {
        foreach (var unique in new[] { "0123456789abcdef0123456789abcdef", "ffffffffffffffffffffffffffffffff" })
            _disk.CreateDirectory($"{Root}/orders-0.{unique}-future");

        var directory = LogDirectory.Open(_host, Root);

        Assert.Equal([Orders], directory.UnfinishedCopies);
        Assert.Single(_disk.List(Root), entry => entry.IsDirectory);
        directory.DropUnfinishedCopy(Orders);
        Assert.DoesNotContain(_disk.List(Root), entry => entry.IsDirectory);
    }

    [Theory]
    [InlineData(213, true)]
    [InlineData(214, false)]
    public void A_copy_needs_room_in_the_name_of_its_directory(int length, bool fits) =>
        Assert.Equal(fits, LogDirectory.CanHoldCopyOf(new(new string('t', length), 0)));

    [Fact]
    public void Checkpoints_survive_and_those_of_other_partitions_stay()
    {
        var (a, b) = (new TopicPartition("a", 0), new TopicPartition("b", 0));
        var directory = LogDirectory.Open(_host, Root);
        directory.WriteCheckpoints([(a, new(5))], null, [(a, new(7)), (b, new(8))]);
        directory.WriteCheckpoints(null, null, [(a, new(9))]);

        _disk.Crash(CrashKind.LosesAll);
        directory = LogDirectory.Open(_host, Root);

        Assert.Equal((new Offset(9), new Offset(8)), (directory.HighWatermarkOf(a), directory.HighWatermarkOf(b)));
        Assert.Equal("0\n1\na 0 5\n", Text("recovery-point-offset-checkpoint"));
        Assert.False(_disk.FileExists($"{Root}/log-start-offset-checkpoint"));
    }

    [Fact]
    public void A_truncation_lowers_the_recovery_point_first()
    {
        var directory = LogDirectory.Open(_host, Root);
        var log = directory.Create(new("a", 0), Id, LogFixture.Small);
        log.Append([LogFixture.Batch(5), LogFixture.Batch(5)]);
        _world.Run(() => log.FlushAsync());
        directory.WriteCheckpoints([(log.Partition, log.RecoveryPoint)], null, null);

        log.TruncateTo(new(5));
        Assert.Equal("0\n1\na 0 5\n", Text("recovery-point-offset-checkpoint"));
        directory.WriteCheckpoints([(log.Partition, new(10))], null, null);

        Assert.Equal("0\n1\na 0 5\n", Text("recovery-point-offset-checkpoint"));
    }

    [Fact]
    public void A_damaged_partition_is_refused_and_the_others_open()
    {
        var directory = LogDirectory.Open(_host, Root);
        foreach (var index in Enumerable.Range(0, 3))
        {
            var log = directory.Create(new("orders", index), Id, LogFixture.Small);
            log.Append([LogFixture.Batch(4)]);
            _world.Run(() => log.FlushAsync());
            directory.WriteCheckpoints([(log.Partition, log.RecoveryPoint)], null, null);
        }

        _disk.Crash(CrashKind.LosesAll);
        var path = $"{Root}/orders-1/00000000000000000000.log";
        _disk.Flip(path, 80, 1);
        var loaded = Load(LogDirectory.Open(_host, Root));

        Assert.Equal([true, false, true], loaded.Select(l => l.Log is not null));
        Assert.Equal(new LogDamage(path, 0, new(0), "a batch whose checksum does not match"), loaded[1].Damage);
    }

    [Fact]
    public void A_deleted_partition_leaves_at_once_and_its_files_after_the_delay()
    {
        var directory = LogDirectory.Open(_host, Root);
        var log = directory.Create(new("orders", 0), Id, LogFixture.Small);
        directory.WriteCheckpoints(null, null, [(log.Partition, new(1))]);
        _world.Run(() => log.CloseAsync(clean: false));

        directory.Delete(log);

        Assert.Null(directory.HighWatermarkOf(log.Partition));
        Assert.Empty(directory.Partitions);
        Assert.Single(Deleting());
        directory.RemoveDue();
        Assert.Single(Deleting());
        directory.Create(new("orders", 0), Id, LogFixture.Small);
        _world.RunFor(TimeSpan.FromMinutes(2));
        directory.RemoveDue();
        Assert.Empty(Deleting());
        Assert.True(_disk.DirectoryExists($"{Root}/orders-0"));
    }

    [Fact]
    public void A_deletion_cut_short_is_finished_at_the_next_start()
    {
        var directory = LogDirectory.Open(_host, Root);
        var log = directory.Create(new("orders", 0), Id, LogFixture.Small);
        _world.Run(() => log.CloseAsync(clean: false));
        directory.Delete(log);
        _disk.Crash(CrashKind.LosesAll);

        Assert.Empty(LogDirectory.Open(_host, Root).Partitions);
        Assert.Empty(Deleting());
    }

    [Fact]
    public void The_metadata_log_is_no_partition()
    {
        _disk.CreateDirectory($"{Root}/__cluster_metadata-0");

        Assert.Empty(LogDirectory.Open(_host, Root).Partitions);
    }

    private IReadOnlyList<LoadedPartition> Load(LogDirectory directory) =>
        _world.Run(() => directory.LoadAsync(_ => LogFixture.Small, _ => false, 3));

    private IEnumerable<DiskEntry> Deleting() =>
        _disk.List(Root).Where(entry => entry.Name.EndsWith("-delete", StringComparison.Ordinal));

    private string Text(string name) => System.Text.Encoding.UTF8.GetString(_disk.Peek($"{Root}/{name}"));
}
