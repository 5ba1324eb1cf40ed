using System.Collections;
using System.Numerics;

namespace Barnabas.Cluster;

/// <summary>A set of the numbers of a topic's partitions, a bit each. Immutable.</summary>
internal readonly struct IndexSet : IEnumerable<int>
{
    private const int WordBits = 64;

    // Few topics have more than 64 partitions, so that most sets have no words behind the first.
    private readonly ulong _first;
    private readonly ulong[]? _rest;

    private IndexSet(ulong first, ulong[]? rest) => (_first, _rest) = (first, rest);

    /// <summary>True when there is nothing in it.</summary>
    public bool IsEmpty => _first == 0 && (_rest is null || Array.TrueForAll(_rest, word => word == 0));

    /// <summary>The set with a number in it, or without.</summary>
    public IndexSet Set(int index, bool isIn)
    {
        var (word, bit) = (index / WordBits, 1UL << (index % WordBits));
        if (word == 0)
            return new(isIn ? _first | bit : _first & ~bit, _rest);
        if (!isIn && (_rest is null || word > _rest.Length))
            return this;
        var rest = new ulong[Math.Max(word, _rest?.Length ?? 0)];
        _rest?.CopyTo(rest, 0);
        rest[word - 1] = isIn ? rest[word - 1] | bit : rest[word - 1] & ~bit;
        return new(_first, rest);
    }

    /// <summary>The numbers, ascending.</summary>
    public IEnumerator<int> GetEnumerator()
    {
        for (var word = 0; word <= (_rest?.Length ?? 0); word++)
        {
            for (var left = word == 0 ? _first : _rest![word - 1]; left != 0; left &= left - 1)
                yield return (word * WordBits) + BitOperations.TrailingZeroCount(left);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
