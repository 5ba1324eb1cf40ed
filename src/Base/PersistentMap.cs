using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Barnabas.Base;

/// <summary>An immutable map, sorted by key: a B+tree whose versions share all nodes that did not change.</summary>
/// <remarks>Look-ups and single changes cost O(log n). A change of many keys goes through <see cref="BeginEdit"/>,
/// which copies each node it touches once. Enumeration is in key order. Safe to read from any lane.</remarks>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TValue">The value.</typeparam>
public sealed partial class PersistentMap<TKey, TValue> : IEnumerable<KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    private const int Fanout = 32;
    private readonly Node _root;
    private readonly IComparer<TKey> _comparer;

    private PersistentMap(Node root, int count, IComparer<TKey> comparer) =>
        (_root, Count, _comparer) = (root, count, comparer);

    /// <summary>How many keys there are.</summary>
    public int Count { get; }

    /// <summary>The value of a key that must be there.</summary>
    /// <exception cref="KeyNotFoundException">It is not.</exception>
    public TValue this[TKey key] =>
        TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"no such key: {key}");

    /// <summary>An empty map in the given order; strings want <see cref="StringComparer.Ordinal"/>.</summary>
    [SuppressMessage("Design", "CA1000", Justification = "PersistentMap<K, V>.Empty(order) reads as what it is.")]
    public static PersistentMap<TKey, TValue> Empty(IComparer<TKey>? comparer = null) =>
        new(new Leaf(null), 0, comparer ?? Comparer<TKey>.Default);

    /// <summary>True when the key is there.</summary>
    public bool ContainsKey(TKey key) => TryGetValue(key, out _);

    /// <summary>Finds the value of a key.</summary>
    public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value) => Find(_root, key, out value);

    /// <summary>The map with one key set.</summary>
    public PersistentMap<TKey, TValue> With(TKey key, TValue value)
    {
        var edit = BeginEdit();
        edit.Set(key, value);
        return edit.Done();
    }

    /// <summary>The map without one key; itself where the key is not there.</summary>
    public PersistentMap<TKey, TValue> Without(TKey key)
    {
        if (!ContainsKey(key))
            return this;
        var edit = BeginEdit();
        edit.Remove(key);
        return edit.Done();
    }

    /// <summary>Begins a change of several keys.</summary>
    public Edit BeginEdit() => new(this);

    /// <summary>The pairs in key order.</summary>
    public IEnumerator<KeyValuePair<TKey, TValue>> GetEnumerator() => Walk(_root).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static IEnumerable<KeyValuePair<TKey, TValue>> Walk(Node node)
    {
        if (node is Leaf leaf)
        {
            for (var i = 0; i < leaf.N; i++)
                yield return new(leaf.Keys[i], leaf.Values[i]);
            yield break;
        }

        var inner = (Inner)node;
        for (var i = 0; i < inner.N; i++)
        {
            foreach (var pair in Walk(inner.Kids[i]))
                yield return pair;
        }
    }

    private bool Find(Node node, TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        while (node is Inner inner)
            node = inner.Kids[ChildOf(inner, key)];
        var leaf = (Leaf)node;
        var at = Find(leaf.Keys, leaf.N, key);
        value = at >= 0 ? leaf.Values[at] : default;
        return at >= 0;
    }

    private int Find(TKey[] keys, int count, TKey key)
    {
        var (low, high) = (0, count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = _comparer.Compare(keys[middle], key);
            if (order == 0)
                return middle;
            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }

    private int ChildOf(Inner node, TKey key)
    {
        var at = Find(node.Mins, node.N, key);
        return at >= 0 ? at : Math.Max(~at - 1, 0);
    }

    private abstract class Node(object? owner)
    {
        public readonly object? Owner = owner;

        public int N;
    }

    private sealed class Leaf(object? owner) : Node(owner)
    {
        public readonly TKey[] Keys = new TKey[Fanout];

        public readonly TValue[] Values = new TValue[Fanout];
    }

    private sealed class Inner(object? owner) : Node(owner)
    {
        public readonly TKey[] Mins = new TKey[Fanout];

        public readonly Node[] Kids = new Node[Fanout];
    }
}
