using System.Diagnostics.CodeAnalysis;

namespace Barnabas.Base;

public sealed partial class PersistentMap<TKey, TValue>
{
    /// <summary>A change under way: it owns the nodes it made, so that each is copied once. Owned by one
    /// lane.</summary>
    public sealed class Edit
    {
        private readonly object _me = new();
        private readonly PersistentMap<TKey, TValue> _map;
        private Node _root;
        private int _count;

        internal Edit(PersistentMap<TKey, TValue> map) => (_map, _root, _count) = (map, map._root, map.Count);

        /// <summary>The map as changed so far. The edit must not be used afterwards.</summary>
        public PersistentMap<TKey, TValue> Done() => new(_root, _count, _map._comparer);

        /// <summary>Finds the value of a key, as changed so far.</summary>
        public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value) => _map.Find(_root, key, out value);

        /// <summary>Sets one key.</summary>
        public void Set(TKey key, TValue value)
        {
            var (left, right) = Put(_root, key, value);
            if (right is null)
            {
                _root = left;
                return;
            }

            var top = new Inner(_me) { N = 2 };
            (top.Kids[0], top.Kids[1]) = (left, right);
            (top.Mins[0], top.Mins[1]) = (MinOf(left), MinOf(right));
            _root = top;
        }

        /// <summary>Removes one key; false where it was not there.</summary>
        public bool Remove(TKey key)
        {
            var before = _count;
            _root = Cut(_root, key) ?? new Leaf(_me);
            while (_root is Inner { N: 1 } only)
                _root = only.Kids[0];
            return _count < before;
        }

        private static TKey MinOf(Node node)
        {
            while (node is Inner inner)
                node = inner.Kids[0];
            return ((Leaf)node).Keys[0];
        }

        private (Node Left, Node? Right) Put(Node node, TKey key, TValue value)
        {
            if (node is Leaf shared)
                return PutLeaf(Own(shared), key, value);

            var inner = Own((Inner)node);
            var child = _map.ChildOf(inner, key);
            var (left, right) = Put(inner.Kids[child], key, value);
            inner.Kids[child] = left;
            inner.Mins[child] = MinOf(left);
            if (right is null)
                return (inner, null);
            if (inner.N < Fanout)
            {
                Insert(inner, child + 1, right);
                return (inner, null);
            }

            var half = Split(inner);
            if (child + 1 <= inner.N)
                Insert(inner, child + 1, right);
            else
                Insert(half, child + 1 - inner.N, right);
            return (inner, half);
        }

        private (Node Left, Node? Right) PutLeaf(Leaf leaf, TKey key, TValue value)
        {
            var at = _map.Find(leaf.Keys, leaf.N, key);
            if (at >= 0)
            {
                leaf.Values[at] = value;
                return (leaf, null);
            }

            at = ~at;
            _count++;
            if (leaf.N < Fanout)
            {
                Insert(leaf, at, key, value);
                return (leaf, null);
            }

            var half = Split(leaf);
            if (at <= leaf.N)
                Insert(leaf, at, key, value);
            else
                Insert(half, at - leaf.N, key, value);
            return (leaf, half);
        }

        // Nodes may become small: maps here lose few keys, and an empty node goes at once.
        private Node? Cut(Node node, TKey key)
        {
            if (node is Leaf shared)
            {
                var at = _map.Find(shared.Keys, shared.N, key);
                if (at < 0)
                    return shared;
                _count--;
                if (shared.N == 1)
                    return null;
                var leaf = Own(shared);
                leaf.N--;
                Array.Copy(leaf.Keys, at + 1, leaf.Keys, at, leaf.N - at);
                Array.Copy(leaf.Values, at + 1, leaf.Values, at, leaf.N - at);
                (leaf.Keys[leaf.N], leaf.Values[leaf.N]) = (default!, default!);
                return leaf;
            }

            var inner = (Inner)node;
            var child = _map.ChildOf(inner, key);
            var kid = Cut(inner.Kids[child], key);
            if (ReferenceEquals(kid, inner.Kids[child]) && inner.Owner != _me)
                return inner;
            inner = Own(inner);
            if (kid is not null)
            {
                inner.Kids[child] = kid;
                inner.Mins[child] = MinOf(kid);
                return inner;
            }

            inner.N--;
            Array.Copy(inner.Kids, child + 1, inner.Kids, child, inner.N - child);
            Array.Copy(inner.Mins, child + 1, inner.Mins, child, inner.N - child);
            (inner.Kids[inner.N], inner.Mins[inner.N]) = (null!, default!);
            return inner.N == 0 ? null : inner;
        }

        private static void Insert(Leaf leaf, int at, TKey key, TValue value)
        {
            Array.Copy(leaf.Keys, at, leaf.Keys, at + 1, leaf.N - at);
            Array.Copy(leaf.Values, at, leaf.Values, at + 1, leaf.N - at);
            (leaf.Keys[at], leaf.Values[at]) = (key, value);
            leaf.N++;
        }

        private static void Insert(Inner inner, int at, Node kid)
        {
            Array.Copy(inner.Mins, at, inner.Mins, at + 1, inner.N - at);
            Array.Copy(inner.Kids, at, inner.Kids, at + 1, inner.N - at);
            (inner.Mins[at], inner.Kids[at]) = (MinOf(kid), kid);
            inner.N++;
        }

        private Leaf Split(Leaf leaf)
        {
            var half = new Leaf(_me) { N = Fanout / 2 };
            Array.Copy(leaf.Keys, Fanout / 2, half.Keys, 0, Fanout / 2);
            Array.Copy(leaf.Values, Fanout / 2, half.Values, 0, Fanout / 2);
            leaf.N = Fanout / 2;
            return half;
        }

        private Inner Split(Inner inner)
        {
            var half = new Inner(_me) { N = Fanout / 2 };
            Array.Copy(inner.Mins, Fanout / 2, half.Mins, 0, Fanout / 2);
            Array.Copy(inner.Kids, Fanout / 2, half.Kids, 0, Fanout / 2);
            inner.N = Fanout / 2;
            return half;
        }

        private Leaf Own(Leaf leaf)
        {
            if (leaf.Owner == _me)
                return leaf;
            var copy = new Leaf(_me) { N = leaf.N };
            Array.Copy(leaf.Keys, copy.Keys, leaf.N);
            Array.Copy(leaf.Values, copy.Values, leaf.N);
            return copy;
        }

        private Inner Own(Inner inner)
        {
            if (inner.Owner == _me)
                return inner;
            var copy = new Inner(_me) { N = inner.N };
            Array.Copy(inner.Mins, copy.Mins, inner.N);
            Array.Copy(inner.Kids, copy.Kids, inner.N);
            return copy;
        }
    }
}
