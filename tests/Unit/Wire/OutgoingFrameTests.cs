using Barnabas.Base;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Wire;

public sealed class OutgoingFrameTests
{
    private const int CopyLimit = 4096;

    [Fact]
    public void Large_records_are_sent_from_where_they_lie_and_small_ones_are_copied()
    {
        ReadOnlyMemory<byte> large = new byte[CopyLimit];
        ReadOnlyMemory<byte> small = new byte[CopyLimit - 1];
        using var frame = Produce(large);
        using var other = Produce(small);
        Assert.Contains(frame.Parts, p => p.Memory.Equals(large));
        Assert.DoesNotContain(other.Parts, p => p.Memory.Equals(small));
        Assert.Equal(frame.Length - 1, other.Length);
        Assert.Equal(frame.Length, frame.ToArray().Length);
    }

    [Fact]
    public void Slices_of_files_stand_between_what_is_written_before_and_after()
    {
        var file = new BytesFile([1, 2, 3, 4, 5, 6]);
        Assert.True(file.TryRetain());
        Assert.True(file.TryRetain());
        var records = new RecordBytes([new FileSlice(file, 1, 2), new FileSlice(file, 4, 1)]);
        var frame = new OutgoingFrame();
        frame.Write(new FetchSnapshotResponse
        {
            Topics = [new() { Partitions = [new() { UnalignedRecords = records, Index = 7 }] }],
        }, 0);
        var bytes = frame.ToArray();

        Assert.Equal(2, frame.Parts.Count(p => p.Slice is not null));
        Assert.Equal(frame.Length, bytes.Length);
        Assert.NotEqual(-1, bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[4, 2, 3, 5]));

        frame.Dispose();
        file.Dispose();
        Assert.True(file.IsClosed);
    }

    [Fact]
    public void A_frame_releases_its_files_once()
    {
        var file = new BytesFile([1]);
        Assert.True(file.TryRetain());
        var frame = new OutgoingFrame();
        frame.Write(new FetchResponse
        {
            Responses = [new() { Partitions = [new() { Records = new RecordBytes([new FileSlice(file, 0, 1)]) }] }],
        }, 12);
        frame.Dispose();
        frame.Dispose();
        Assert.False(file.IsClosed);
        file.Dispose();
        Assert.True(file.IsClosed);
    }

    [Fact]
    public void A_frame_that_was_reset_holds_nothing_of_before()
    {
        var file = new BytesFile([1, 2]);
        Assert.True(file.TryRetain());
        var frame = new OutgoingFrame();
        var records = new RecordBytes([new FileSlice(file, 0, 2)]);
        frame.Write(new FetchResponse { Responses = [new() { Partitions = [new() { Records = records }] }] }, 12);
        frame.Reset();
        Assert.Equal(0, frame.Length);
        Assert.Empty(frame.Parts);

        var (message, fresh) = (new ProduceResponse { Responses = [new() { Name = "orders" }] }, new OutgoingFrame());
        frame.Write(message, 9);
        fresh.Write(message, 9);
        Assert.Equal(fresh.ToArray(), frame.ToArray());

        frame.Dispose();
        fresh.Dispose();
        file.Dispose();
        Assert.True(file.IsClosed);
    }

    private static OutgoingFrame Produce(ReadOnlyMemory<byte> records)
    {
        var frame = new OutgoingFrame();
        frame.Write(new ProduceRequest
        {
            TopicData = [new() { PartitionData = [new() { Records = new RecordBytes(records) }] }],
        }, 9);
        return frame;
    }

    private sealed class BytesFile(byte[] bytes) : DiskFile
    {
        public bool IsClosed { get; private set; }

        public override string Path => "bytes";

        public override long Length => bytes.Length;

        public override int Read(long position, Span<byte> into)
        {
            var from = bytes.AsSpan((int)position);
            from[..into.Length].CopyTo(into);
            return into.Length;
        }

        public override void Write(long position, ReadOnlySpan<byte> bytes) => throw new IOException();

        public override void Write(long position, IReadOnlyList<ReadOnlyMemory<byte>> buffers) =>
            throw new IOException();

        public override void Sync() => throw new IOException();

        public override Task SyncAsync() => throw new IOException();

        public override void SetLength(long length) => throw new IOException();

        public override void Preallocate(long position, long length) => throw new IOException();

        protected override void Close() => IsClosed = true;
    }
}
