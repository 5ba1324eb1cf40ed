using System.Buffers.Binary;
using Barnabas.Records;
using Microsoft.Win32.SafeHandles;

namespace Barnabas.Bench.Limits;

/// <summary>A log of one partition, as bare as can be: batches are held against their checksums, get their
/// offsets, and are written behind each other into segments of 1 GiB. All are kept until it begins anew, as a
/// topic's are until it is deleted, so that every page that is written is a new one.</summary>
internal sealed class FreshLog : IDisposable
{
    private const long SegmentSize = 1 << 30;
    private readonly string _directory;
    private readonly Lock _lock = new();
    private SafeFileHandle _file;
    private int _first;
    private int _segment;
    private long _end;
    private long _nextOffset;

    public FreshLog(string directory)
    {
        _directory = directory;
        _file = Open(0);
    }

    /// <summary>Where the segment ends, and its file.</summary>
    public (SafeFileHandle File, long End) View
    {
        get
        {
            lock (_lock)
                return (_file, _end);
        }
    }

    /// <summary>Appends a batch.</summary>
    /// <returns>The offset of its first record; -1 where it is damaged.</returns>
    public long Append(Span<byte> batch)
    {
        if (Crc32C.Compute(batch[21..]) != BinaryPrimitives.ReadUInt32BigEndian(batch[17..]))
            return -1;
        var count = BinaryPrimitives.ReadInt32BigEndian(batch[57..]);
        lock (_lock)
        {
            if (_end + batch.Length > SegmentSize)
                Roll();
            var offset = _nextOffset;
            BinaryPrimitives.WriteInt64BigEndian(batch, offset);
            BinaryPrimitives.WriteInt32BigEndian(batch[12..], 7);
            RandomAccess.Write(_file, batch, _end);
            _nextOffset += count;
            _end += batch.Length;
            return offset;
        }
    }

    /// <summary>Deletes all that was appended.</summary>
    public void BeginAnew()
    {
        lock (_lock)
        {
            Roll();
            for (; _first < _segment; _first++)
                File.Delete(PathOf(_first));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Roll()
    {
        _file.Dispose();
        _file = Open(++_segment);
        _end = 0;
    }

    private SafeFileHandle Open(int segment) =>
        File.OpenHandle(PathOf(segment), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite);

    private string PathOf(int segment) => Path.Combine(_directory, $"{segment:D6}.log");
}
