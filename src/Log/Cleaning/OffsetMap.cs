using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>The offset at which each key of a stretch of log was last written: 24 bytes a key, whatever its
/// length.</summary>
/// <remarks>Keys are put in order of their offsets. Open addressing, linear probing; memory is taken once.</remarks>
internal sealed class OffsetMap
{
    /// <summary>The bytes of an entry.</summary>
    public const int EntrySize = 24;

    private readonly KeyDigest _digest;
    private readonly Slot[] _slots;
    private readonly int _most;

    /// <summary>An empty map.</summary>
    /// <param name="digest">What stands for keys.</param>
    /// <param name="bytes">The most memory it may take.</param>
    /// <param name="load">How full it may get, of 1.</param>
    /// <param name="keys">No more keys will be put: it need not be larger than for these.</param>
    public OffsetMap(KeyDigest digest, long bytes, double load, long keys)
    {
        _digest = digest;
        load = Math.Clamp(load, 0.01, 0.99);
        var wanted = Math.Min(Math.Ceiling(keys / load), Array.MaxLength - 1) + 1;
        _slots = new Slot[(int)Math.Clamp(Math.Min(bytes / EntrySize, (long)wanted), 2, Array.MaxLength)];
        _most = Math.Max((int)(_slots.Length * load), 1);
    }

    /// <summary>How many keys there are.</summary>
    public int Count { get; private set; }

    /// <summary>How full it is, of 1.</summary>
    public double Utilization => (double)Count / _slots.Length;

    /// <summary>Up to here, inclusive, it knows all keys: of what lies above it says nothing.</summary>
    public Offset Latest { get; private set; } = Offset.None;

    /// <summary>Notes where a key stands.</summary>
    /// <returns>False where there is no room for another key.</returns>
    public bool TryPut(ReadOnlySpan<byte> key, Offset offset)
    {
        ref var slot = ref Find(key, out var digest);
        if (slot.Next == 0)
        {
            if (Count >= _most)
                return false;
            Count++;
        }

        slot = new(digest.Low, digest.High, offset.Value + 1);
        Reached(offset);
        return true;
    }

    /// <summary>All up to this offset is in the map, as far as it has keys.</summary>
    public void Reached(Offset offset) => Latest = Offset.Max(Latest, offset);

    /// <summary>The last offset of a key; none where it was not put.</summary>
    public Offset LastOf(ReadOnlySpan<byte> key) => new(Find(key, out _).Next - 1);

    private ref Slot Find(ReadOnlySpan<byte> key, out (ulong Low, ulong High) digest)
    {
        digest = _digest.Of(key);
        var at = (int)Math.BigMul(digest.Low, (ulong)_slots.Length, out _);
        while (true)
        {
            ref var slot = ref _slots[at];
            if (slot.Next == 0 || (slot.Low == digest.Low && slot.High == digest.High))
                return ref slot;
            at = at + 1 == _slots.Length ? 0 : at + 1;
        }
    }

    // The offset after the record's, so that a slot of zeros is an empty one.
    private readonly record struct Slot(ulong Low, ulong High, long Next);
}
