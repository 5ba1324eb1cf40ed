using System.Buffers.Binary;
using Barnabas.Records;

namespace Barnabas.Cli.Commands;

/// <summary>Walks the batches of a segment file, or of a snapshot of the metadata.</summary>
internal sealed class SegmentFile : IDisposable
{
    private readonly FileStream _file;
    private readonly long _length;
    private byte[] _bytes = new byte[64 * 1024];
    private int _read;

    public SegmentFile(string path)
    {
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 20);
        _length = _file.Length;
    }

    /// <summary>Where the batch begins.</summary>
    public long Position { get; private set; }

    /// <summary>The batch's bytes, by its own account.</summary>
    public long Size { get; private set; }

    /// <summary>The batch; only its header where no more was asked for.</summary>
    public ReadOnlySpan<byte> Batch => _bytes.AsSpan(0, _read);

    /// <summary>What is wrong with the bytes at <see cref="Position"/>; null where nothing is.</summary>
    public string? Fault { get; private set; }

    /// <summary>Where nothing but zeros follows: blocks reserved ahead, no damage; null where none do.</summary>
    public long? ZerosFrom { get; private set; }

    /// <summary>Goes on to the next batch.</summary>
    /// <param name="headerOnly">Whether its header is enough.</param>
    /// <returns>False at the end, or at bytes that are no batch.</returns>
    public bool MoveNext(bool headerOnly = false)
    {
        Position += Size;
        (Size, _read) = (0, 0);
        var left = _length - Position;
        if (left <= 0)
            return false;
        if (left <= RecordBatch.MagicPosition)
            return Stop($"{left} bytes left, less than a batch");
        Read(0, (int)Math.Min(left, RecordBatch.HeaderSize));
        var stated = BinaryPrimitives.ReadInt32BigEndian(_bytes.AsSpan(8));
        if (stated == 0 && _bytes.AsSpan(0, _read).IndexOfAnyExcept((byte)0) < 0)
            return Zeros();
        var size = stated + (long)RecordBatch.EntryOverhead;
        if (size <= RecordBatch.MagicPosition || size > left)
            return Stop($"a batch of {size} bytes where {left} are left");
        Size = size;
        _read = (int)Math.Min(_read, size);
        if (!headerOnly)
            Read(_read, (int)(size - _read));
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    // Blocks reserved ahead read as zeros: what follows the end of an active segment is no damage.
    private bool Zeros()
    {
        var block = new byte[64 * 1024];
        _file.Position = Position;
        for (int read; (read = _file.Read(block)) > 0;)
        {
            if (block.AsSpan(0, read).IndexOfAnyExcept((byte)0) >= 0)
                return Stop("zeros where a batch should be");
        }

        ZerosFrom = Position;
        return false;
    }

    private void Read(int from, int count)
    {
        if (_bytes.Length < from + count)
            Array.Resize(ref _bytes, (int)Math.Min(Math.Max(from + (long)count, 2L * _bytes.Length), Array.MaxLength));
        _file.Position = Position + from;
        _file.ReadExactly(_bytes, from, count);
        _read = from + count;
    }

    private bool Stop(string fault)
    {
        Fault = fault;
        return false;
    }
}
