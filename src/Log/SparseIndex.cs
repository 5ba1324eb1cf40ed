using System.Buffers;
using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>The offset or time index of one segment, written by the log's lane.</summary>
/// <remarks>The active segment's entries are in memory and reach the file when the segment ends: what a
/// crash loses of them, recovery builds anew. Nor is its file held open meanwhile: it would count against the limit of
/// open files in each of a broker's many partitions. A closed segment's entries stay on disk, see
/// <see cref="StoredIndex{T}"/>.</remarks>
internal sealed class SparseIndex<TEntry> : IDisposable
    where TEntry : struct, IIndexEntry<TEntry>
{
    private readonly IDisk _disk;
    private readonly SegmentPath _path;
    private DiskFile? _file;
    private int _capacity;
    private TEntry[] _entries = [];
    private int _count;
    private int _written;

    /// <summary>True when the file may be longer than its entries.</summary>
    private bool _needsTrim;
    private StoredIndex<TEntry>? _stored;

    private SparseIndex(IDisk disk, SegmentPath path, int capacity) =>
        (_disk, _path, _capacity) = (disk, path, capacity);

    /// <summary>The index file, opened where it is not open.</summary>
    public DiskFile File => _file ??= _disk.Open(_path.ToString(), OpenMode.ReadWrite);

    /// <summary>How many entries there are.</summary>
    public int Count => _stored?.Count ?? _count;

    /// <summary>True when the file has no room for another entry.</summary>
    public bool IsFull => _count >= _capacity;

    /// <summary>True when only the slot that is kept for the segment's end is free.</summary>
    public bool IsNearlyFull => _count >= _capacity - 1;

    /// <summary>The index as it is now, for readers of any lane.</summary>
    public IndexView<TEntry> View => new(_entries, _count, _stored);

    /// <summary>A new, empty index for an active segment: the file gets its full size at once, all zeros.</summary>
    public static SparseIndex<TEntry> Create(IDisk disk, SegmentPath path, int maxBytes)
    {
        var index = new SparseIndex<TEntry>(disk, path, 0);
        index.Reset(maxBytes);
        return index;
    }

    /// <summary>The index of a segment that is written no more.</summary>
    /// <returns>Null when the file's size cannot be that of an index.</returns>
    public static SparseIndex<TEntry>? OpenStored(IDisk disk, SegmentPath path)
    {
        var index = new SparseIndex<TEntry>(disk, path, 0) { _file = disk.OpenLater(path.ToString()) };
        var length = index.File.Length;
        if (length % TEntry.Size != 0 || length > int.MaxValue)
        {
            index.Dispose();
            return null;
        }

        index._capacity = (int)(length / TEntry.Size);
        index._stored = new StoredIndex<TEntry>(index.File, index._capacity);
        return index;
    }

    /// <summary>The segment becomes the active one after a clean stop: entries come into memory. The file stays as it
    /// is, for most partitions are closed as they were opened, and grows by what is written to it.</summary>
    /// <returns>False when the content cannot be that of an index; it has to be built anew then.</returns>
    public bool TryActivate(int maxBytes)
    {
        var inFile = Count;
        if (ReadAll(File, inFile * TEntry.Size) is not { } entries)
            return false;
        (_entries, _count, _written, _stored) = (entries, entries.Length, entries.Length, null);
        _capacity = Math.Max(Math.Max(maxBytes / TEntry.Size, 1), entries.Length);
        _needsTrim = entries.Length != inFile;
        Rest();
        return true;
    }

    /// <summary>Adds an entry, in memory.</summary>
    public void Append(TEntry entry)
    {
        Invariant.Holds(_stored is null && _count < _capacity, "only an index with room takes entries");
        if (_count == _entries.Length)
            Array.Resize(ref _entries, Math.Min(Math.Max(16, _count * 2), _capacity));
        _entries[_count++] = entry;
    }

    /// <summary>The last entry; null when there is none.</summary>
    public TEntry? Last() => View.Last();

    /// <summary>Keeps the first <paramref name="count"/> entries, before any view has shown the others.</summary>
    public void Rewind(int count)
    {
        Invariant.Holds(count <= _count, "an index rewinds to what it had");
        _count = count;
        _needsTrim |= _written > count;
        _written = Math.Min(_written, count);
    }

    /// <summary>Drops all entries and gives the file its full size, to be filled anew.</summary>
    /// <remarks>Views made before keep the entries they have.</remarks>
    public void Reset(int maxBytes)
    {
        _capacity = Math.Max(maxBytes / TEntry.Size, 1);
        (_entries, _count, _written, _stored, _needsTrim) = ([], 0, 0, null, true);
        try
        {
            File.SetLength(0);
            File.SetLength((long)_capacity * TEntry.Size);
        }
        finally
        {
            Rest();
        }
    }

    /// <summary>Writes to the file what it does not hold yet.</summary>
    public void WritePending()
    {
        if (_written == _count)
            return;
        var bytes = ArrayPool<byte>.Shared.Rent((_count - _written) * TEntry.Size);
        try
        {
            var span = bytes.AsSpan(0, (_count - _written) * TEntry.Size);
            for (var i = _written; i < _count; i++)
                _entries[i].Write(span[((i - _written) * TEntry.Size)..]);
            File.Write((long)_written * TEntry.Size, span);
            _written = _count;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>The segment ends: all entries go to the file, which is trimmed to them.</summary>
    public void Close()
    {
        if (_stored is not null)
            return;
        WritePending();
        if (_needsTrim)
            File.SetLength((long)_count * TEntry.Size);
        _needsTrim = false;
    }

    /// <summary>After <see cref="Close"/>: forgets the entries in memory, all but one in a page.</summary>
    public void Store()
    {
        _stored ??= new StoredIndex<TEntry>(File, _entries.AsSpan(0, _count));
        (_entries, _count, _written) = ([], 0, 0);
    }

    public void Dispose() => Rest();

    private void Rest()
    {
        _file?.Dispose();
        _file = null;
    }

    private static TEntry[]? ReadAll(DiskFile file, int length)
    {
        if (length == 0)
            return [];
        var bytes = new byte[length];
        if (file.Read(0, bytes) != length)
            return null;
        var entries = new TEntry[length / TEntry.Size];
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = TEntry.Read(bytes.AsSpan(i * TEntry.Size));
            if (i > 0 && (entries[i].Key < entries[i - 1].Key || entries[i].Target < entries[i - 1].Target))
                return null;
        }

        // Zeros at the end were never entries: the file's trimming was lost.
        var count = entries.Length;
        while (count > 0 && entries[count - 1].Equals(default))
            count--;
        return entries[..count];
    }
}
