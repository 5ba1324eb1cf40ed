using System.Buffers;
using Barnabas.Base;

namespace Barnabas.Http;

/// <summary>Bytes that are written piece by piece and sent from where they lie, in pooled memory.</summary>
/// <remarks>It grows by whole rooms, never by copying: a body of many megabytes needs no array of that
/// size.</remarks>
public sealed class HttpBody : IBufferWriter<byte>, IDisposable
{
    private const int RoomSize = 64 * 1024;
    private readonly List<(byte[] Room, int Used)> _full = [];
    private byte[] _room = [];
    private int _used;

    /// <summary>How many bytes there are.</summary>
    public long Length { get; private set; }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        Invariant.Holds(count >= 0 && count <= _room.Length - _used, "no more is written than there was room for");
        _used += count;
        Length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_room.Length - _used < Math.Max(sizeHint, 1))
        {
            _full.Add((_room, _used));
            (_room, _used) = (ArrayPool<byte>.Shared.Rent(Math.Max(sizeHint, RoomSize)), 0);
        }

        return _room.AsMemory(_used);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>The bytes, in order.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Pieces()
    {
        foreach (var (room, used) in _full)
        {
            if (used > 0)
                yield return room.AsMemory(0, used);
        }

        if (_used > 0)
            yield return _room.AsMemory(0, _used);
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        foreach (var (room, _) in _full)
            Return(room);
        Return(_room);
        _full.Clear();
        (_room, _used, Length) = ([], 0, 0);
    }

    private static void Return(byte[] room)
    {
        if (room.Length > 0)
            ArrayPool<byte>.Shared.Return(room);
    }
}
