using System.Collections.Immutable;

namespace Barnabas.Cluster;

/// <summary>Equal short lists as one: of a cluster's partitions many have the same replicas in the same directories,
/// and hold them once instead of once each.</summary>
/// <remarks>What is remembered is bounded, and what is forgotten is just not shared. Safe from any lane: an entry is
/// one reference to what never changes, and whoever reads it sees a list that is equal or passes it over.</remarks>
/// <typeparam name="T">What is in the lists.</typeparam>
internal static class SharedList<T>
    where T : struct, IEquatable<T>
{
    private const int Places = 1 << 12;
    private static readonly ImmutableArray<T>[] Known = new ImmutableArray<T>[Places];

    /// <summary>The list, or one equal to it that is there already.</summary>
    public static ImmutableArray<T> Of(ImmutableArray<T> list)
    {
        if (list.IsEmpty)
            return [];
        var place = PlaceOf(list.AsSpan());
        var known = Known[place];
        if (!known.IsDefault && known.AsSpan().SequenceEqual(list.AsSpan()))
            return known;
        Known[place] = list;
        return list;
    }

    private static int PlaceOf(ReadOnlySpan<T> list)
    {
        var hash = 17u;
        foreach (var element in list)
            hash = (hash ^ (uint)element.GetHashCode()) * 0x9e3779b1;
        return (int)(hash >> 20);
    }
}
