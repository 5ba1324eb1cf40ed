using System.Buffers;

namespace Barnabas.Records;

/// <summary>Bytes in a pooled array. Disposing returns the array, once; the bytes must not be used after
/// that.</summary>
public sealed class PooledBytes : IDisposable
{
    private readonly int _length;
    private byte[]? _array;

    /// <summary>The first <paramref name="length"/> bytes of <paramref name="array"/>, which came from the
    /// shared pool and now belongs to this object.</summary>
    internal PooledBytes(byte[] array, int length) => (_array, _length) = (array, length);

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => Array.AsSpan(0, _length);

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Memory => Array.AsMemory(0, _length);

    /// <summary>The bytes, for whoever still completes them.</summary>
    internal Span<byte> Writable => Array.AsSpan(0, _length);

    private byte[] Array => _array ?? throw new ObjectDisposedException(nameof(PooledBytes));

    /// <summary>Returns the array to the pool.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _array, null) is { Length: > 0 } array)
            ArrayPool<byte>.Shared.Return(array);
    }
}
