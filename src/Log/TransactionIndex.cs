using System.Buffers.Binary;
using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>The aborted transactions whose markers lie in one segment: 34 bytes each, in order of the
/// markers.</summary>
/// <remarks>The file is made with the first entry. Written by the log's lane; the entries of a view may be read from
/// any.</remarks>
internal sealed class TransactionIndex : IDisposable
{
    /// <summary>Bytes of an entry.</summary>
    public const int EntrySize = 34;

    private const short Version = 0;

    private readonly IDisk _disk;
    private readonly SegmentPath _path;
    private AbortedTransaction[] _entries = [];
    private int _count;
    private int _written;

    private TransactionIndex(IDisk disk, SegmentPath path) => (_disk, _path) = (disk, path);

    /// <summary>The file; null before the first entry.</summary>
    public DiskFile? File { get; private set; }

    /// <summary>The entries, for readers of any lane.</summary>
    public ReadOnlyMemory<AbortedTransaction> Entries => _entries.AsMemory(0, _count);

    /// <summary>An index without entries; a file that is there from before goes.</summary>
    public static TransactionIndex Create(IDisk disk, SegmentPath path)
    {
        disk.DeleteFile(path.ToString());
        return new(disk, path);
    }

    /// <summary>The index as it is on disk.</summary>
    /// <returns>Null when its content cannot be that of an index.</returns>
    public static TransactionIndex? Open(IDisk disk, SegmentPath path, Offset baseOffset, bool isThere)
    {
        var index = new TransactionIndex(disk, path);
        if (!isThere)
            return index;
        index.File = disk.Open(path.ToString(), OpenMode.ReadWrite);
        if (index.ReadAll(baseOffset) is { } entries)
        {
            index._entries = entries;
            index._count = index._written = entries.Length;
            return index;
        }

        index.Dispose();
        return null;
    }

    /// <summary>Adds an entry, in memory.</summary>
    public void Append(AbortedTransaction aborted)
    {
        Invariant.Holds(_count == 0 || _entries[_count - 1].LastOffset < aborted.LastOffset, "markers come in order");
        if (_count == _entries.Length)
            Array.Resize(ref _entries, Math.Max(4, _count * 2));
        _entries[_count++] = aborted;
    }

    /// <summary>Keeps the first <paramref name="count"/> entries, before any of the others was written or
    /// seen.</summary>
    public void Rewind(int count) => _count = count;

    /// <summary>Drops all entries.</summary>
    public void Reset()
    {
        (_entries, _count, _written) = ([], 0, 0);
        File?.SetLength(0);
    }

    /// <summary>Writes to the file what it does not hold yet.</summary>
    /// <returns>True when that made the file.</returns>
    public bool WritePending()
    {
        if (_written == _count)
            return false;
        var isNew = File is null;
        File ??= _disk.Open(_path.ToString(), OpenMode.ReadWrite);
        var bytes = new byte[(_count - _written) * EntrySize];
        for (var i = _written; i < _count; i++)
            Write(bytes.AsSpan((i - _written) * EntrySize), _entries[i]);
        File.Write((long)_written * EntrySize, bytes);
        _written = _count;
        return isNew;
    }

    public void Dispose() => File?.Dispose();

    /// <summary>Writes an entry.</summary>
    internal static void Write(Span<byte> bytes, AbortedTransaction entry)
    {
        BinaryPrimitives.WriteInt16BigEndian(bytes, Version);
        BinaryPrimitives.WriteInt64BigEndian(bytes[2..], entry.ProducerId.Value);
        BinaryPrimitives.WriteInt64BigEndian(bytes[10..], entry.FirstOffset.Value);
        BinaryPrimitives.WriteInt64BigEndian(bytes[18..], entry.LastOffset.Value);
        BinaryPrimitives.WriteInt64BigEndian(bytes[26..], entry.LastStableOffset.Value);
    }

    /// <summary>Reads an entry; null where the bytes are none.</summary>
    internal static AbortedTransaction? TryRead(ReadOnlySpan<byte> bytes)
    {
        if (BinaryPrimitives.ReadInt16BigEndian(bytes) != Version)
            return null;
        return new(
            new(BinaryPrimitives.ReadInt64BigEndian(bytes[2..])),
            new(BinaryPrimitives.ReadInt64BigEndian(bytes[10..])),
            new(BinaryPrimitives.ReadInt64BigEndian(bytes[18..])),
            new(BinaryPrimitives.ReadInt64BigEndian(bytes[26..])));
    }

    private AbortedTransaction[]? ReadAll(Offset baseOffset)
    {
        var file = File!;
        var length = file.Length;
        if (length % EntrySize != 0 || length > int.MaxValue)
            return null;
        var bytes = new byte[length];
        if (file.Read(0, bytes) != bytes.Length)
            return null;
        var entries = new AbortedTransaction[bytes.Length / EntrySize];
        var last = baseOffset - 1;
        for (var i = 0; i < entries.Length; i++)
        {
            if (TryRead(bytes.AsSpan(i * EntrySize)) is not { } entry || entry.LastOffset <= last
                || entry.FirstOffset > entry.LastOffset || entry.FirstOffset.Value < 0)
            {
                return null;
            }

            entries[i] = entry;
            last = entry.LastOffset;
        }

        return entries;
    }
}
