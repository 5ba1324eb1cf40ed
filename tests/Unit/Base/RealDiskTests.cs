using Barnabas.Base;
using Barnabas.Base.Real;

namespace Barnabas.Tests.Unit.Base;

public sealed class RealDiskTests : IDisposable
{
    private readonly RealDisk _disk = new();
    private readonly TemporaryDirectory _at = new();

    public void Dispose() => _at.Dispose();

    [Fact]
    public void What_is_written_is_read()
    {
        using var file = _disk.Open(_at["a"], OpenMode.ReadWrite);
        file.Write(0, "hello "u8);
        file.Write(6, "world"u8);
        var bytes = new byte[20];
        Assert.Equal(11, file.Read(0, bytes));
        Assert.Equal("hello world"u8.ToArray(), bytes[..11]);
        Assert.Equal(3, file.Read(8, bytes));
        Assert.Equal(0, file.Read(11, bytes));
        Assert.Equal(11, file.Length);
        file.Sync();
    }

    [Fact]
    public void What_is_forgotten_by_the_cache_is_read_from_the_disk()
    {
        using var file = _disk.Open(_at["a"], OpenMode.ReadWrite);
        var written = new byte[100_000];
        new Random(1).NextBytes(written);
        file.Write(0, written);
        file.Sync();
        file.Write(50_000, "not synced"u8);
        file.ForgetCached(5_000);
        var read = new byte[written.Length];
        Assert.Equal(read.Length, file.Read(0, read));
        "not synced"u8.CopyTo(written.AsSpan(50_000));
        Assert.Equal(written, read);
    }

    [Fact]
    public void What_is_forgotten_begins_in_the_middle_of_what_the_kernel_holds_in_one_piece()
    {
        using var file = (RealFile)_disk.Open(_at["a"], OpenMode.ReadWrite);
        const int Size = 16 << 20;
        const int At = (5 << 20) + (37 << 12);
        file.Write(0, new byte[Size]);
        file.Sync();
        file.ForgetCached(At);
        // A file system in memory forgets nothing.
        if (!file.SeemsCached(Size - 1, 1))
            Assert.False(file.SeemsCached(At, 1));
    }

    [Fact]
    public void A_file_that_is_opened_later_is_held_under_the_name_it_had()
    {
        using (var written = _disk.Open(_at["a"], OpenMode.ReadWrite))
            written.Write(0, "old"u8);
        using var file = _disk.OpenLater(_at["a"]);
        Assert.Equal(3, file.Length);
        Assert.True(file.TryRetain());
        _disk.Rename(_at["a"], _at["b"]);
        using (var other = _disk.Open(_at["a"], OpenMode.ReadWrite))
            other.Write(0, "new one"u8);

        var bytes = new byte[10];
        Assert.Equal(3, file.Read(0, bytes));
        Assert.Equal("old"u8.ToArray(), bytes[..3]);
        Assert.Equal(3, file.Length);
        file.Release();
    }

    [Fact]
    public void A_file_that_is_gone_before_it_was_opened_cannot_be_held()
    {
        _disk.Open(_at["a"], OpenMode.ReadWrite).Dispose();
        using var file = _disk.OpenLater(_at["a"]);
        _disk.DeleteFile(_at["a"]);

        Assert.False(file.TryRetain());
        Assert.Throws<FileNotFoundException>(() => file.Read(0, new byte[1]));
        Assert.False(_disk.FileExists(_at["a"]));
    }

    [Fact]
    public void A_gathered_write_writes_all_buffers_in_order()
    {
        var random = new Random(1);
        var buffers = Enumerable.Range(0, 300).Select(i =>
        {
            var bytes = new byte[i % 7 == 0 ? 0 : random.Next(5000)];
            random.NextBytes(bytes);
            return (ReadOnlyMemory<byte>)bytes;
        }).ToList();
        var expected = buffers.SelectMany(b => b.ToArray()).ToArray();

        using var file = _disk.Open(_at["a"], OpenMode.ReadWrite);
        file.Write(100, buffers);
        var read = new byte[expected.Length];
        Assert.Equal(read.Length, file.Read(100, read));
        Assert.Equal(expected, read);
        Assert.Equal(100 + expected.Length, file.Length);
        file.Write(0, new List<ReadOnlyMemory<byte>>());
    }

    [Fact]
    public void A_file_is_cut_and_its_blocks_are_reserved_without_growing_it()
    {
        using var file = _disk.Open(_at["a"], OpenMode.CreateNew);
        file.Write(0, new byte[5000]);
        file.SetLength(100);
        Assert.Equal(100, file.Length);
        file.Preallocate(100, 1 << 20);
        Assert.Equal(100, file.Length);
    }

    [Fact]
    public void Modes_of_opening_are_kept()
    {
        Assert.ThrowsAny<IOException>(() => _disk.Open(_at["none/a"], OpenMode.ReadWrite));
        Assert.Throws<FileNotFoundException>(() => _disk.Open(_at["a"], OpenMode.Read));
        _disk.Open(_at["a"], OpenMode.CreateNew).Dispose();
        Assert.Throws<IOException>(() => _disk.Open(_at["a"], OpenMode.CreateNew));
        using var file = _disk.Open(_at["a"], OpenMode.Read);
        Assert.Throws<IOException>(() => file.Write(0, "x"u8));
    }

    [Fact]
    public void A_file_stays_open_while_somebody_retains_it()
    {
        var file = _disk.Open(_at["a"], OpenMode.ReadWrite);
        file.Write(0, "abc"u8);
        Assert.True(file.TryRetain());
        file.Dispose();
        _disk.DeleteFile(_at["a"]);
        Assert.Equal(3, file.Read(0, new byte[10]));
        file.Release();
        Assert.False(file.TryRetain());
        Assert.Throws<ObjectDisposedException>(() => file.Read(0, new byte[10]));
    }

    [Fact]
    public void Names_are_listed_in_order_and_links_are_not_followed()
    {
        _disk.CreateDirectory(_at["sub/deep"]);
        _disk.Open(_at["b"], OpenMode.ReadWrite).Dispose();
        _disk.Open(_at[".a"], OpenMode.ReadWrite).Dispose();
        File.CreateSymbolicLink(_at["link"], _at["sub"]);
        File.CreateSymbolicLink(_at["broken"], _at["nowhere"]);
        Assert.Equal(
            [new(".a", false), new("b", false), new("broken", false), new("link", false), new("sub", true)],
            _disk.List(_at.Path));
        Assert.Throws<DirectoryNotFoundException>(() => _disk.List(_at["none"]));

        _disk.DeleteDirectory(_at["sub"]);
        Assert.False(_disk.DirectoryExists(_at["sub"]));
        Assert.True(_disk.FileExists(_at["b"]));
        Assert.False(_disk.FileExists(_at["b/c"]));
        Assert.False(_disk.DirectoryExists(_at["b"]));
    }

    [Fact]
    public void A_rename_replaces_and_is_made_durable()
    {
        using (var file = _disk.Open(_at["new"], OpenMode.ReadWrite))
            file.Write(0, "new"u8);
        _disk.Open(_at["old"], OpenMode.ReadWrite).Dispose();
        _disk.Rename(_at["new"], _at["old"]);
        _disk.SyncDirectory(_at.Path);
        using var old = _disk.Open(_at["old"], OpenMode.Read);
        Assert.Equal(3, old.Length);
        Assert.False(_disk.FileExists(_at["new"]));
        Assert.ThrowsAny<IOException>(() => _disk.Rename(_at["new"], _at["other"]));
        _disk.DeleteFile(_at["new"]);
    }

    [Fact]
    public void A_lock_has_one_holder()
    {
        using (var held = _disk.TryLock(_at[".lock"]))
        {
            Assert.NotNull(held);
            Assert.Null(_disk.TryLock(_at[".lock"]));
            Assert.Null(new RealDisk().TryLock(_at[".lock"]));
        }

        using var again = _disk.TryLock(_at[".lock"]);
        Assert.NotNull(again);
    }

    [Fact]
    public async Task A_lock_excludes_other_processes()
    {
        const string child = "Barnabas.Tests.Unit.Base.RealDiskTests.Child_finds_the_lock_taken";
        using (_disk.TryLock(_at[".lock"]))
            Assert.True((await ChildProcess.RunAsync(child, _at[".lock"])).Passed);
        Assert.False((await ChildProcess.RunAsync(child, _at[".lock"])).Passed);
    }

    [Fact(Explicit = true)]
    public void Child_finds_the_lock_taken() =>
        Assert.Null(_disk.TryLock(Environment.GetEnvironmentVariable(ChildProcess.Argument)!));

    [Fact]
    public async Task A_sync_that_fails_is_reported_and_never_again_believed()
    {
        const string child = "Barnabas.Tests.Unit.Base.RealDiskTests.Child_sees_its_syncs_fail";
        var (_, output, passed) = await ChildProcess.TraceAsync(
            "-e trace=fdatasync,fsync -e inject=fdatasync:error=EIO:when=2 -e inject=fsync:error=ENOSPC",
            child,
            _at["a"]);
        Assert.True(passed, output);
    }

    [Fact(Explicit = true)]
    public async Task Child_sees_its_syncs_fail()
    {
        using var file =
            _disk.Open(Environment.GetEnvironmentVariable(ChildProcess.Argument)!, OpenMode.ReadWrite);
        file.Write(0, "a"u8);
        await file.SyncAsync();
        var fault = await Assert.ThrowsAsync<IOException>(file.SyncAsync);
        Assert.Equal(5, fault.HResult);
        await Assert.ThrowsAsync<IOException>(file.SyncAsync);
        Assert.Throws<IOException>(file.Sync);
        Assert.Throws<DiskFullException>(() => _disk.SyncDirectory(Path.GetDirectoryName(file.Path)!));
    }

    [Fact]
    public async Task A_full_disk_is_told_from_a_broken_one()
    {
        const string child = "Barnabas.Tests.Unit.Base.RealDiskTests.Child_sees_its_writes_fail";
        var (_, output, passed) = await ChildProcess.TraceAsync(
            $"-P {_at["a"]} -e trace=pwrite64,pwritev,fallocate,pread64 -e inject=pwrite64:error=ENOSPC " +
            "-e inject=pwritev:error=EIO -e inject=fallocate:error=ENOSPC -e inject=pread64:error=EIO",
            child, _at["a"]);
        Assert.True(passed, output);
    }

    [Fact(Explicit = true)]
    public void Child_sees_its_writes_fail()
    {
        using var file =
            _disk.Open(Environment.GetEnvironmentVariable(ChildProcess.Argument)!, OpenMode.ReadWrite);
        Assert.Throws<DiskFullException>(() => file.Write(0, "a"u8));
        Assert.Equal(5, Assert.Throws<IOException>(() => file.Write(0, [new byte[1], new byte[1]])).HResult);
        Assert.Throws<DiskFullException>(() => file.Preallocate(0, 100));
        Assert.Equal(5, Assert.Throws<IOException>(() => file.Read(0, new byte[1])).HResult);
    }

    [Fact]
    public void The_space_of_a_file_system_is_known()
    {
        var (total, free) = _disk.Space(_at.Path);
        Assert.InRange(free, 1, total);
        Assert.ThrowsAny<IOException>(() => _disk.Space(_at["none"]));
    }
}
