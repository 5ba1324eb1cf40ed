using System.Collections;
using System.Runtime.InteropServices;
using System.Text;
using Barnabas.Records;

namespace Barnabas.Client;

/// <summary>The headers of a record, in order; keys may repeat.</summary>
public sealed class Headers : IReadOnlyList<RecordHeader>
{
    private readonly List<RecordHeader> _headers = [];

    /// <summary>No headers.</summary>
    public Headers()
    {
    }

    /// <summary>These headers.</summary>
    public Headers(IEnumerable<RecordHeader> headers) => _headers.AddRange(headers);

    /// <inheritdoc/>
    public int Count => _headers.Count;

    /// <inheritdoc/>
    public RecordHeader this[int index] => _headers[index];

    /// <summary>The value of the last header with a key, null when there is none; setting appends a header.</summary>
    public byte[]? this[string key]
    {
        get => _headers.FindLast(h => h.Key == key).Value;
        set => _headers.Add(new(key, value));
    }

    /// <summary>Appends a header.</summary>
    public void Add(string key, byte[]? value) => _headers.Add(new(key, value));

    /// <summary>Appends a header of text, in UTF-8.</summary>
    public void Add(string key, string value) => _headers.Add(new(key, Encoding.UTF8.GetBytes(value)));

    /// <inheritdoc/>
    public IEnumerator<RecordHeader> GetEnumerator() => _headers.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal ReadOnlySpan<RecordHeader> AsSpan() => CollectionsMarshal.AsSpan(_headers);
}
