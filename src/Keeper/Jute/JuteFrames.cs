using System.Buffers.Binary;
using Barnabas.Base;
using Barnabas.Wire;

namespace Barnabas.Keeper;

/// <summary>Cuts the stream of a connection into frames.</summary>
/// <param name="connection">The stream.</param>
/// <param name="maxFrameBytes">The longest frame taken: a stated length is held against it before memory is.</param>
public sealed class JuteFrames(IConnection connection, int maxFrameBytes)
{
    private readonly byte[] _buffer = new byte[8 * 1024];
    private int _start;
    private int _end;

    /// <summary>The next frame, its length left out; null when the peer has finished.</summary>
    /// <exception cref="IOException">The connection is lost, or ends within a frame.</exception>
    /// <exception cref="MalformedFrameException">The length is none.</exception>
    public async ValueTask<byte[]?> ReadAsync()
    {
        while (_end - _start < 4)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            var received = await connection.ReceiveAsync(_buffer.AsMemory(_end));
            if (received == 0)
                return _end == 0 ? null : throw new IOException("the peer closed within a frame");
            _end += received;
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start));
        if (length < 0 || length > maxFrameBytes)
            throw new MalformedFrameException($"a frame of {length} bytes, outside 0 to {maxFrameBytes}");
        _start += 4;
        var frame = new byte[length];
        var at = Math.Min(length, _end - _start);
        _buffer.AsSpan(_start, at).CopyTo(frame);
        _start += at;
        while (at < length)
        {
            var received = await connection.ReceiveAsync(frame.AsMemory(at));
            if (received == 0)
                throw new IOException("the peer closed within a frame");
            at += received;
        }

        return frame;
    }
}
