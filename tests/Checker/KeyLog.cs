using System.Runtime.InteropServices;

namespace Barnabas.Tests.Checker;

/// <summary>The log of one key as the clients saw it: which values stand at which offsets.</summary>
/// <remarks>Offsets have gaps: markers, aborted records and compaction leave them. So places are counted by the offsets
/// at which anybody saw a value: its version order.</remarks>
internal sealed class KeyLog
{
    private readonly Dictionary<long, List<long>> _valuesAt = [];
    private readonly Dictionary<long, (int First, int Last)> _places = [];

    /// <summary>The offsets at which there are values, ascending.</summary>
    public long[] Offsets { get; private set; } = [];

    /// <summary>A value stands at an offset.</summary>
    public void Add(long offset, long value)
    {
        ref var values = ref CollectionsMarshal.GetValueRefOrAddDefault(_valuesAt, offset, out _);
        values ??= new(1);
        if (!values.Contains(value))
            values.Add(value);
    }

    /// <summary>Counts the places; nothing is added from now on.</summary>
    public void Settle()
    {
        Offsets = [.. _valuesAt.Keys.Order()];
        for (var place = 0; place < Offsets.Length; place++)
        {
            foreach (var value in _valuesAt[Offsets[place]])
            {
                ref var places = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, value, out var isKnown);
                places = (isKnown ? places.First : place, place);
            }
        }
    }

    /// <summary>All values at a place.</summary>
    public IReadOnlyList<long> ValuesAt(int place) => _valuesAt[Offsets[place]];

    /// <summary>All values and where they stand, in no order.</summary>
    public IEnumerable<(long Value, int First, int Last)> Places =>
        _places.Select(static entry => (entry.Key, entry.Value.First, entry.Value.Last));

    /// <summary>The last place of a value; null where nobody knows.</summary>
    public int? Find(long value) => _places.TryGetValue(value, out var places) ? places.Last : null;

    /// <summary>How far it is from one value to the next; 1 where nobody knows.</summary>
    public int Distance(long from, long to) => Find(from) is { } a && Find(to) is { } b ? b - a : 1;
}
