namespace Barnabas.Log;

/// <summary>An index at one moment, read from any lane.</summary>
/// <param name="entries">The entries of an active segment; only the first <paramref name="count"/> count.</param>
/// <param name="count">How many.</param>
/// <param name="stored">The index of a closed segment; null for an active one.</param>
internal readonly struct IndexView<TEntry>(TEntry[] entries, int count, StoredIndex<TEntry>? stored)
    where TEntry : struct, IIndexEntry<TEntry>
{
    /// <summary>How many entries there are.</summary>
    public int Count => stored?.Count ?? count;

    /// <summary>The last entry; null when there is none.</summary>
    public TEntry? Last() => stored is not null ? stored.Last() : count == 0 ? null : entries[count - 1];

    /// <summary>The last entry whose key does not exceed <paramref name="bound"/>.</summary>
    public TEntry? FloorByKey(long bound) => Floor(bound, byTarget: false);

    /// <summary>The last entry whose target does not exceed <paramref name="bound"/>.</summary>
    public TEntry? FloorByTarget(long bound) => Floor(bound, byTarget: true);

    /// <summary>The last entry whose key is below <paramref name="key"/>, and the one that follows it; both null where
    /// there is none below.</summary>
    public (TEntry? Below, TEntry? Next) Around(long key)
    {
        if (stored is not null)
            return stored.Around(key);
        var at = IndexSearch.Floor<TEntry>(entries.AsSpan(0, count), key - 1, byTarget: false);
        return at < 0 ? default : (entries[at], at + 1 < count ? entries[at + 1] : null);
    }

    private TEntry? Floor(long bound, bool byTarget)
    {
        if (stored is not null)
            return stored.Floor(bound, byTarget);
        var at = IndexSearch.Floor<TEntry>(entries.AsSpan(0, count), bound, byTarget);
        return at < 0 ? null : entries[at];
    }
}

/// <summary>Binary search in a column of an index.</summary>
internal static class IndexSearch
{
    /// <summary>The place of the last entry whose column does not exceed <paramref name="bound"/>; -1 for
    /// none.</summary>
    public static int Floor<TEntry>(ReadOnlySpan<TEntry> entries, long bound, bool byTarget)
        where TEntry : struct, IIndexEntry<TEntry>
    {
        var (low, high) = (0, entries.Length);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if ((byTarget ? entries[middle].Target : entries[middle].Key) <= bound)
                low = middle + 1;
            else
                high = middle;
        }

        return low - 1;
    }
}
