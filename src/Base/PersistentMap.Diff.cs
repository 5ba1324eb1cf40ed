namespace Barnabas.Base;

/// <summary>A key on which two versions of a map differ.</summary>
/// <param name="Key">The key.</param>
/// <param name="Before">The older version's value; the default where it had none.</param>
/// <param name="After">The newer version's value; the default where it has none.</param>
/// <param name="Kind">Whether the key came, went, or changed its value.</param>
public readonly record struct MapChange<TKey, TValue>(TKey Key, TValue? Before, TValue? After, MapChangeKind Kind);

/// <summary>What happened to a key.</summary>
public enum MapChangeKind
{
    /// <summary>It came.</summary>
    Added,

    /// <summary>It went.</summary>
    Removed,

    /// <summary>It has another value.</summary>
    Changed,
}

public sealed partial class PersistentMap<TKey, TValue>
{
    /// <summary>The keys on which this version differs from an earlier one, in key order. Nodes that both share are
    /// skipped unread, so the cost follows what changed, not what there is.</summary>
    /// <remarks>Values of reference types are told apart by reference: who changes a value makes a new one.</remarks>
    public IEnumerable<MapChange<TKey, TValue>> ChangesSince(PersistentMap<TKey, TValue> before) =>
        ReferenceEquals(_root, before._root) || (Count == 0 && before.Count == 0) ? [] : Differences(before);

    private IEnumerable<MapChange<TKey, TValue>> Differences(PersistentMap<TKey, TValue> before)
    {
        var (old, now) = (new Cursor(before._root), new Cursor(_root));
        while (!old.IsAtEnd || !now.IsAtEnd)
        {
            if (old.SkipShared(now))
                continue;
            var (oldHeight, nowHeight) = (old.Height, now.Height);
            if (old.Open(nowHeight) | now.Open(oldHeight))
                continue;
            var order = old.IsAtEnd ? 1 : now.IsAtEnd ? -1 : _comparer.Compare(old.Key, now.Key);
            if (order < 0)
                yield return new(old.Key, old.Value, default, MapChangeKind.Removed);
            else if (order > 0)
                yield return new(now.Key, default, now.Value, MapChangeKind.Added);
            else if (!IsSame(old.Value, now.Value))
                yield return new(now.Key, old.Value, now.Value, MapChangeKind.Changed);
            if (order <= 0)
                old.MoveNext();
            if (order >= 0)
                now.MoveNext();
        }
    }

    private static bool IsSame(TValue a, TValue b) =>
        typeof(TValue).IsValueType ? EqualityComparer<TValue>.Default.Equals(a, b) : ReferenceEquals(a, b);

    /// <summary>A walk in key order that stops before each node, so that the node can be skipped whole.</summary>
    private sealed class Cursor
    {
        private readonly Stack<(Node Node, int Height)> _ahead = new();
        private Leaf? _leaf;
        private int _at;

        public Cursor(Node root)
        {
            var height = 1;
            for (var node = root; node is Inner inner; node = inner.Kids[0])
                height++;
            if (root.N > 0)
                _ahead.Push((root, height));
        }

        public bool IsAtEnd => _leaf is null && _ahead.Count == 0;

        /// <summary>How high the node ahead stands over its entries; 0 at an entry or at the end.</summary>
        public int Height => _leaf is null && _ahead.TryPeek(out var next) ? next.Height : 0;

        public TKey Key => _leaf!.Keys[_at];

        public TValue Value => _leaf!.Values[_at];

        public bool SkipShared(Cursor other)
        {
            if (Height == 0 || other.Height == 0 || !ReferenceEquals(_ahead.Peek().Node, other._ahead.Peek().Node))
                return false;
            _ahead.Pop();
            other._ahead.Pop();
            return true;
        }

        /// <summary>Steps into the node ahead unless the other walk's is higher; false at an entry or at the
        /// end.</summary>
        public bool Open(int otherHeight)
        {
            if (Height == 0 || Height < otherHeight)
                return false;
            var (node, height) = _ahead.Pop();
            if (node is Inner inner)
            {
                for (var i = inner.N - 1; i >= 0; i--)
                    _ahead.Push((inner.Kids[i], height - 1));
            }
            else
            {
                (_leaf, _at) = ((Leaf)node, 0);
            }

            return true;
        }

        public void MoveNext()
        {
            if (++_at == _leaf!.N)
                _leaf = null;
        }
    }
}
