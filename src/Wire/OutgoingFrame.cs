using System.Buffers;
using Barnabas.Base;

namespace Barnabas.Wire;

/// <summary>A frame to be sent: pooled memory, memory of others, and stretches of files, in order.</summary>
/// <remarks>Disposed once, after the send has ended, in whatever way: only then does pooled memory go back, and only
/// then are the files released. Owned by one lane.</remarks>
public sealed class OutgoingFrame : IDisposable
{
    /// <summary>Memory of others below this size is copied; above, it is sent from where it lies.</summary>
    internal const int CopyLimit = 4096;

    private const int ChunkSize = 4096;
    private readonly List<Part> _parts = new(1);
    private readonly List<byte[]> _rented = new(1);
    private byte[] _chunk = [];
    private int _start;
    private int _end;
    private bool _disposed;

    /// <summary>The bytes of all parts.</summary>
    public long Length { get; private set; }

    /// <summary>The parts in order: either memory or a stretch of a file.</summary>
    public IReadOnlyList<Part> Parts
    {
        get
        {
            Cut();
            return _parts;
        }
    }

    /// <summary>Appends a message.</summary>
    public void Write<T>(T message, short version)
        where T : IMessage
    {
        var w = new WireWriter(this);
        message.Write(ref w, version);
        w.Flush();
    }

    /// <summary>All bytes in one array, files read: for tests and for peers that cannot send files.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[checked((int)Length)];
        var at = 0;
        foreach (var part in Parts)
        {
            if (part.Slice is { } slice)
            {
                var read = slice.File.Read(slice.Position, bytes.AsSpan(at, slice.Length));
                Invariant.Holds(read == slice.Length, "a slice lies within its file");
                at += slice.Length;
            }
            else
            {
                part.Memory.CopyTo(bytes.AsMemory(at));
                at += part.Memory.Length;
            }
        }

        return bytes;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Reset();
    }

    /// <summary>Gives back what it holds, and is empty, for what is to be sent next. Not after its disposal, and as
    /// that only after the send has ended.</summary>
    public void Reset()
    {
        foreach (var part in _parts)
            part.Slice?.File.Release();
        foreach (var chunk in _rented)
            ArrayPool<byte>.Shared.Return(chunk);
        _parts.Clear();
        _rented.Clear();
        (_chunk, _start, _end) = ([], 0, 0);
        Length = 0;
    }

    internal Span<byte> GetSpan(int atLeast)
    {
        if (_chunk.Length - _end < atLeast)
        {
            Cut();
            _chunk = ArrayPool<byte>.Shared.Rent(Math.Max(ChunkSize, atLeast));
            _rented.Add(_chunk);
            (_start, _end) = (0, 0);
        }

        return _chunk.AsSpan(_end);
    }

    internal void Advance(int count)
    {
        _end += count;
        Length += count;
    }

    internal void Append(ReadOnlyMemory<byte> memory)
    {
        Cut();
        _parts.Add(new Part(memory, null));
        Length += memory.Length;
    }

    internal void Append(FileSlice slice)
    {
        Cut();
        _parts.Add(new Part(default, slice));
        Length += slice.Length;
    }

    private void Cut()
    {
        if (_end > _start)
            _parts.Add(new Part(_chunk.AsMemory(_start, _end - _start), null));
        _start = _end;
    }

    /// <summary>A piece of a frame.</summary>
    /// <param name="Memory">The bytes, unless they lie in a file.</param>
    /// <param name="Slice">Where in a file they lie; null for memory.</param>
    public readonly record struct Part(ReadOnlyMemory<byte> Memory, FileSlice? Slice);
}
