using System.Buffers;
using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>The index of a closed segment: entries on disk, in memory the first of each page and the page read
/// last.</summary>
/// <remarks>Read from any lane. The pages' first entries are collected by the first lookup after a start.</remarks>
internal sealed class StoredIndex<TEntry>
    where TEntry : struct, IIndexEntry<TEntry>
{
    private static readonly int PageEntries = 4096 / TEntry.Size;

    private readonly DiskFile _file;
    private TEntry[]? _pageStarts;
    private Page? _recent;

    /// <summary>An index of <paramref name="count"/> entries that has not been looked at yet.</summary>
    public StoredIndex(DiskFile file, int count) => (_file, Count) = (file, count);

    /// <summary>The index of a segment that has just ended, whose entries are still known.</summary>
    public StoredIndex(DiskFile file, ReadOnlySpan<TEntry> entries)
        : this(file, entries.Length)
    {
        var starts = new TEntry[(entries.Length + PageEntries - 1) / PageEntries];
        for (var i = 0; i < starts.Length; i++)
            starts[i] = entries[i * PageEntries];
        _pageStarts = starts;
    }

    /// <summary>How many entries there are.</summary>
    public int Count { get; }

    /// <summary>The last entry; null when there is none, or the file is gone.</summary>
    public TEntry? Last()
    {
        if (Count == 0 || !_file.TryRetain())
            return null;
        try
        {
            Span<byte> bytes = stackalloc byte[16];
            bytes = bytes[..TEntry.Size];
            return _file.Read((long)(Count - 1) * TEntry.Size, bytes) == TEntry.Size ? TEntry.Read(bytes) : null;
        }
        finally
        {
            _file.Release();
        }
    }

    /// <summary>The last entry whose column does not exceed <paramref name="bound"/>; null when there is none,
    /// the file is gone, or its entries are out of order.</summary>
    public TEntry? Floor(long bound, bool byTarget) => Around(bound, byTarget).At;

    /// <summary>The last entry whose key is below <paramref name="key"/>, and the one that follows it; both null where
    /// <see cref="Floor"/> would be.</summary>
    public (TEntry? Below, TEntry? Next) Around(long key) => Around(key - 1, byTarget: false);

    private (TEntry? At, TEntry? Next) Around(long bound, bool byTarget)
    {
        if (Count == 0 || !_file.TryRetain())
            return default;
        try
        {
            var starts = _pageStarts ??= ReadPageStarts();
            var page = IndexSearch.Floor<TEntry>(starts, bound, byTarget);
            if (page < 0)
                return default;
            var entries = ReadPage(page);
            var at = IndexSearch.Floor<TEntry>(entries, bound, byTarget);
            if (at < 0)
                return default;
            if (at + 1 < entries.Length)
                return (entries[at], entries[at + 1]);
            return (entries[at], page + 1 < starts.Length ? starts[page + 1] : null);
        }
        finally
        {
            _file.Release();
        }
    }

    private TEntry[] ReadPageStarts()
    {
        var starts = new TEntry[(Count + PageEntries - 1) / PageEntries];
        var last = default(TEntry);
        for (var i = 0; i < starts.Length; i++)
        {
            var page = ReadPage(i);
            foreach (var entry in page)
            {
                // Entries out of order are no guide: readers then scan from the segment's beginning.
                if (entry.Key < last.Key || entry.Target < last.Target)
                    return [];
                last = entry;
            }

            starts[i] = page[0];
        }

        return starts;
    }

    private TEntry[] ReadPage(int number)
    {
        if (Volatile.Read(ref _recent) is { } recent && recent.Number == number)
            return recent.Entries;
        var first = number * PageEntries;
        var entries = new TEntry[Math.Min(PageEntries, Count - first)];
        var length = entries.Length * TEntry.Size;
        var bytes = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            bytes.AsSpan(0, length).Clear();
            _file.Read((long)first * TEntry.Size, bytes.AsSpan(0, length));
            for (var i = 0; i < entries.Length; i++)
                entries[i] = TEntry.Read(bytes.AsSpan(i * TEntry.Size));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }

        Volatile.Write(ref _recent, new Page(number, entries));
        return entries;
    }

    private sealed record Page(int Number, TEntry[] Entries);
}
