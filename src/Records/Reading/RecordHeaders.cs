using System.Text;

namespace Barnabas.Records;

/// <summary>The headers of a record, enumerated in place. Their bytes were checked when the record was
/// read.</summary>
/// <remarks>Source: KIP-82.</remarks>
public readonly ref struct RecordHeaders
{
    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary><paramref name="count"/> headers that fill <paramref name="bytes"/>.</summary>
    internal RecordHeaders(ReadOnlySpan<byte> bytes, int count)
    {
        _bytes = bytes;
        Count = count;
    }

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>Enumerates from the first.</summary>
    public Enumerator GetEnumerator() => new(_bytes, Count);

    /// <summary>A copy that outlives the bytes.</summary>
    public RecordHeader[] ToArray()
    {
        if (Count == 0)
            return [];
        var headers = new RecordHeader[Count];
        var next = 0;
        foreach (var header in this)
            headers[next++] = new(Encoding.UTF8.GetString(header.Key), header.Value.ToArray());
        return headers;
    }

    /// <summary>Walks the headers.</summary>
    public ref struct Enumerator
    {
        private ReadOnlySpan<byte> _rest;
        private int _left;

        internal Enumerator(ReadOnlySpan<byte> bytes, int count)
        {
            _rest = bytes;
            _left = count;
        }

        /// <summary>The header the enumerator stands on.</summary>
        public RecordHeaderView Current { get; private set; }

        /// <summary>Moves to the next header; false after the last.</summary>
        public bool MoveNext()
        {
            if (_left == 0)
                return false;
            _left--;
            var position = 0;
            _ = Varint.TryRead(_rest, ref position, out var keyLength);
            var key = _rest.Slice(position, keyLength);
            position += keyLength;
            _ = Varint.TryRead(_rest, ref position, out var valueLength);
            var value = valueLength < 0 ? default : new NullableBytes(_rest.Slice(position, valueLength));
            _rest = _rest[(position + Math.Max(valueLength, 0))..];
            Current = new(key, value);
            return true;
        }
    }
}

/// <summary>A header of a record, read in place.</summary>
public readonly ref struct RecordHeaderView
{
    internal RecordHeaderView(ReadOnlySpan<byte> key, NullableBytes value)
    {
        Key = key;
        Value = value;
    }

    /// <summary>The key, in UTF-8.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>The value, or null.</summary>
    public NullableBytes Value { get; }
}
