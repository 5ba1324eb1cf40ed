using System.Buffers.Binary;
using Barnabas.Cli.Commands;

namespace Barnabas.Tests.Unit.Cli;

/// <summary>Indexes built and checked from the places of batches.</summary>
public sealed class LogToolTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    // Three batches of 5000 bytes; the second one has the largest timestamp.
    private static readonly BatchPlace[] Batches =
        [new(0, 100, 104, 1000), new(5000, 105, 109, 3000), new(10_000, 110, 114, 2000)];

    [Fact]
    public void An_entry_is_made_where_more_than_the_interval_lies_between()
    {
        var (offsets, times) = IndexBuilder.Build(100, Batches, 4096);
        Assert.Equal([(9, 5000), (14, 10_000)], Entries(offsets));
        Assert.Equal([(3000L, 9)], Times(times));
        Assert.Empty(IndexBuilder.Build(100, Batches, 20_000).Offsets);
        Assert.Equal([(3000L, 9)], Times(IndexBuilder.Build(100, Batches, 20_000).Times));
    }

    [Fact]
    public void What_is_built_is_found_good()
    {
        var (offsets, times) = IndexBuilder.Build(100, Batches, 4096);
        // The active segment's indexes are reserved ahead.
        Assert.Equal((2, null), Check(IndexCheck.Offsets, [.. offsets, .. new byte[80]]));
        Assert.Equal((1, null), Check(IndexCheck.Times, [.. times, .. new byte[120]]));
    }

    [Theory]
    [InlineData(9, 5001, "offset 109 is sent to 5001, where no batch begins")]
    [InlineData(10, 5000, "offset 110 is not in the batch at 5000")]
    [InlineData(4, 20_000, "offset 104 is sent to 20000, where no batch begins")]
    public void An_offset_entry_that_lies_is_found(int offset, int position, string how)
    {
        var entry = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(entry, offset);
        BinaryPrimitives.WriteInt32BigEndian(entry.AsSpan(4), position);
        Assert.Equal(how, Check(IndexCheck.Offsets, entry).Fault?.How);
    }

    [Theory]
    [InlineData(2999, 9, "2999 at offset 109, where the largest is 3000")]
    [InlineData(3000, 4, "3000 at offset 104, where the largest is 1000")]
    [InlineData(3000, 15, "offset 115 lies behind the last batch")]
    public void A_time_entry_that_lies_is_found(long timestamp, int offset, string how)
    {
        var entry = new byte[12];
        BinaryPrimitives.WriteInt64BigEndian(entry, timestamp);
        BinaryPrimitives.WriteInt32BigEndian(entry.AsSpan(8), offset);
        Assert.Equal(how, Check(IndexCheck.Times, entry).Fault?.How);
    }

    [Fact]
    public void The_limit_of_open_files_is_read() => Assert.Equal(
        1024, HostChecks.Descriptors(["Max processes  1 2 processes", "Max open files      1024    4096    files"]));

    [Theory]
    [InlineData("%R%s", false, "%S{big32}%s")]
    [InlineData("%k:%s %%R", true, "%k{null}:%s{null} %%R")]
    public void Formats_of_kcat_are_put_into_ours(string format, bool showsNulls, string ours) =>
        Assert.Equal(ours, CatFormat.Of(format, showsNulls));

    public void Dispose() => File.Delete(_path);

    private (int Entries, (long At, string How)? Fault) Check(
        Func<string, long, IReadOnlyList<BatchPlace>, (int Entries, (long At, string How)? Fault)> check, byte[] bytes)
    {
        File.WriteAllBytes(_path, bytes);
        return check(_path, 100, Batches);
    }

    private static IEnumerable<(int Offset, int Position)> Entries(byte[] bytes) => bytes.Chunk(8).Select(
        e => (BinaryPrimitives.ReadInt32BigEndian(e), BinaryPrimitives.ReadInt32BigEndian(e.AsSpan(4))));

    private static IEnumerable<(long Timestamp, int Offset)> Times(byte[] bytes) => bytes.Chunk(12).Select(
        e => (BinaryPrimitives.ReadInt64BigEndian(e), BinaryPrimitives.ReadInt32BigEndian(e.AsSpan(8))));
}
