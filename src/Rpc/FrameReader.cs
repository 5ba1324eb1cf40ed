using System.Buffers.Binary;
using Barnabas.Base;
using Barnabas.Wire;

namespace Barnabas.Rpc;

/// <summary>Cuts the stream of a connection into answers. Owned by the peer's lane.</summary>
/// <remarks>Small answers are received many at a time; the body of a large one goes straight into its own frame.
/// A stated length is compared with the limit before any memory is taken for it.</remarks>
internal sealed class FrameReader(IConnection connection, int maxFrameSize)
{
    private const int HeadSize = 8;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>Reads the length and the correlation id of the next answer; null when the peer has finished.</summary>
    /// <returns>The bytes after the correlation id, and the id.</returns>
    /// <exception cref="MalformedFrameException">The length is none.</exception>
    public async ValueTask<(int Length, int CorrelationId)?> ReadHeadAsync()
    {
        while (_end - _start < HeadSize)
        {
            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }

            var received = await connection.ReceiveAsync(_buffer.AsMemory(_end));
            if (received == 0)
                return _end == _start ? null : throw new IOException("the peer closed within an answer");
            _end += received;
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start));
        var correlationId = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start + 4));
        if (length < 4 || length > maxFrameSize)
            throw new MalformedFrameException($"an answer of {length} bytes, outside 4 to {maxFrameSize}");
        _start += HeadSize;
        return (length - 4, correlationId);
    }

    /// <summary>Fills <paramref name="into"/> with the bytes that follow.</summary>
    public async ValueTask ReadRestAsync(Memory<byte> into)
    {
        var buffered = Math.Min(into.Length, _end - _start);
        _buffer.AsMemory(_start, buffered).CopyTo(into);
        _start += buffered;
        for (var at = buffered; at < into.Length;)
        {
            var received = await connection.ReceiveAsync(into[at..]);
            if (received == 0)
                throw new IOException("the peer closed within an answer");
            at += received;
        }
    }
}
