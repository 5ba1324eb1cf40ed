using Barnabas.Base;
using Barnabas.Log;
using Barnabas.Sim;
using Microsoft.Extensions.Logging.Abstractions;

namespace Barnabas.Tests.Unit.Log;

public sealed class DirectoryFilesTests
{
    private readonly SimDisk _disk = new(1);

    public DirectoryFilesTests() => _disk.CreateDirectory("p-0");

    [Fact]
    public void Deleted_files_and_indexes_without_a_log_are_removed()
    {
        Put("00000000000000000000.log.deleted", "00000000000000000005.log", "00000000000000000005.index",
            "00000000000000000007.index", "00000000000000000007.timeindex", "00000000000000000005.snapshot",
            "leader-epoch-checkpoint");

        var files = Settle();

        Assert.Equal([new Offset(5)], files.Segments);
        Assert.Equal([new Offset(5)], files.Snapshots);
        Assert.Equal(
            ["00000000000000000005.index", "00000000000000000005.log", "00000000000000000005.snapshot",
                "leader-epoch-checkpoint"],
            Names());
    }

    [Fact]
    public void A_replacement_that_was_not_committed_is_undone()
    {
        // Renamed from the last to the first: 5 is still .cleaned, so the .swap of 9 came before the commit.
        Put("00000000000000000000.log", "00000000000000000009.log", "00000000000000000005.log.cleaned",
            "00000000000000000009.log.swap", "00000000000000000005.index.cleaned");

        Settle();

        Assert.Equal(["00000000000000000000.log", "00000000000000000009.log"], Names());
    }

    [Fact]
    public void A_replacement_that_was_committed_is_finished()
    {
        Put("00000000000000000000.log", "00000000000000000000.index", "00000000000000000004.log",
            "00000000000000000009.log", "00000000000000000000.index.swap", "00000000000000000000.snapshot");
        var batch = LogFixture.Batch(9).Bytes.ToArray();
        _disk.Poke("p-0/00000000000000000000.log.swap", batch);

        var files = Settle();

        Assert.Equal([new Offset(0), new Offset(9)], files.Segments);
        Assert.Equal(batch, _disk.Peek("p-0/00000000000000000000.log"));
        Assert.Equal(
            ["00000000000000000000.index", "00000000000000000000.log", "00000000000000000000.snapshot",
                "00000000000000000009.log"],
            Names());
    }

    private DirectoryFiles Settle() => DirectoryFiles.Settle(_disk, NullLogger.Instance, "p-0");

    private void Put(params string[] names)
    {
        foreach (var name in names)
            _disk.Poke("p-0/" + name, []);
    }

    private IEnumerable<string> Names() => _disk.List("p-0").Select(entry => entry.Name);
}
