namespace Barnabas.Records;

/// <summary>Bytes, or null, which records tell apart from no bytes: a null value is a tombstone.</summary>
public readonly ref struct NullableBytes
{
    private readonly bool _present;

    /// <summary>These bytes, even if there are none.</summary>
    public NullableBytes(ReadOnlySpan<byte> bytes)
    {
        Span = bytes;
        _present = true;
    }

    /// <summary>Null.</summary>
    public static NullableBytes Null => default;

    /// <summary>The bytes; empty for null.</summary>
    public ReadOnlySpan<byte> Span { get; }

    /// <summary>True for null.</summary>
    public bool IsNull => !_present;

    /// <summary>The length as records write it: -1 for null.</summary>
    public int WireLength => _present ? Span.Length : -1;

    /// <summary>These bytes, even if there are none.</summary>
    public static implicit operator NullableBytes(ReadOnlySpan<byte> bytes) => new(bytes);

    /// <summary>These bytes; null for a null array.</summary>
    public static implicit operator NullableBytes(byte[]? bytes) => bytes is null ? default : new(bytes);

    /// <summary>These bytes; null for null.</summary>
    public static NullableBytes From(ReadOnlyMemory<byte>? bytes) =>
        bytes is { } memory ? new(memory.Span) : default;

    /// <summary>A copy of the bytes; null for null.</summary>
    public byte[]? ToArray() => _present ? Span.ToArray() : null;
}
