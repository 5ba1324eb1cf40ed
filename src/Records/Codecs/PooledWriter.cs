using System.Buffers;

namespace Barnabas.Records;

/// <summary>A growing pooled array to write into. Its bytes either go out as <see cref="PooledBytes"/> or
/// back.</summary>
internal sealed class PooledWriter(int capacity) : IBufferWriter<byte>, IDisposable
{
    private byte[] _array = ArrayPool<byte>.Shared.Rent(capacity);

    /// <summary>How many bytes have been written.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes written so far.</summary>
    public Span<byte> Written => _array.AsSpan(0, Length);

    /// <summary>The bytes written so far; good until more are written.</summary>
    public Memory<byte> WrittenMemory => _array.AsMemory(0, Length);

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_array.Length - Length));
        Length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _array.AsMemory(Length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _array.AsSpan(Length);
    }

    /// <summary>Hands the bytes over; the writer is empty and without memory after that.</summary>
    public PooledBytes Detach()
    {
        var bytes = new PooledBytes(_array, Length);
        (_array, Length) = ([], 0);
        return bytes;
    }

    /// <summary>Forgets what was written, and keeps the memory.</summary>
    public void Clear() => Length = 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_array.Length > 0)
            ArrayPool<byte>.Shared.Return(_array);
        (_array, Length) = ([], 0);
    }

    private void Reserve(int room)
    {
        if (_array.Length - Length >= room)
            return;
        var atLeast = Math.Max(_array.Length * 2L, (long)Length + room);
        var grown = ArrayPool<byte>.Shared.Rent((int)Math.Min(atLeast, Array.MaxLength));
        Written.CopyTo(grown);
        if (_array.Length > 0)
            ArrayPool<byte>.Shared.Return(_array);
        _array = grown;
    }
}
