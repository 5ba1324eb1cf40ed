using System.Buffers;

namespace Barnabas.Rpc;

/// <summary>The bytes of a received frame, from the pool or of their own.</summary>
internal sealed class FrameBuffer : IDisposable
{
    private readonly int _length;
    private readonly bool _pooled;
    private byte[]? _bytes;

    /// <summary>Room for <paramref name="length"/> bytes, a number the caller has checked.</summary>
    public FrameBuffer(int length, bool pooled)
    {
        (_length, _pooled) = (length, pooled);
        _bytes = pooled ? ArrayPool<byte>.Shared.Rent(length) : GC.AllocateUninitializedArray<byte>(length);
    }

    /// <summary>The frame.</summary>
    public Memory<byte> Memory =>
        (_bytes ?? throw new ObjectDisposedException(nameof(FrameBuffer))).AsMemory(0, _length);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _bytes, null) is { } bytes && _pooled)
            ArrayPool<byte>.Shared.Return(bytes);
    }
}
