using Barnabas.Base;

namespace Barnabas.Wire;

/// <summary>Tagged fields kept undecoded, in the order of their tags (KIP-482).</summary>
public readonly struct UnknownTags
{
    private readonly List<(int Tag, ReadOnlyMemory<byte> Value)>? _tags;

    private UnknownTags(List<(int Tag, ReadOnlyMemory<byte> Value)> tags) => _tags = tags;

    /// <summary>How many there are.</summary>
    public int Count => _tags?.Count ?? 0;

    /// <summary>These and one more, whose tag is higher than all.</summary>
    public UnknownTags With(int tag, ReadOnlyMemory<byte> value)
    {
        Invariant.Holds(Count == 0 || _tags![^1].Tag < tag, "tags ascend");
        return new([.. _tags ?? [], (tag, value)]);
    }

    /// <summary>Writes those whose tag lies from <paramref name="from"/> up to, not including,
    /// <paramref name="to"/>.</summary>
    public void Write(ref WireWriter w, int from, long to)
    {
        if (_tags is null)
            return;
        foreach (var (tag, value) in _tags)
        {
            if (tag < from || tag >= to)
                continue;
            w.WriteUVarInt(tag);
            w.WriteUVarInt(value.Length);
            w.WriteRaw(value.Span);
        }
    }

    /// <summary>One more in place: the reader's way, before anyone else holds them.</summary>
    internal static void Keep(ref UnknownTags tags, int tag, ReadOnlyMemory<byte> value)
    {
        if (tags._tags is null)
            tags = new([(tag, value)]);
        else
            tags._tags.Add((tag, value));
    }
}
