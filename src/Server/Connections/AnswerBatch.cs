using System.Buffers;
using System.Buffers.Binary;
using Barnabas.Base;
using Barnabas.Wire;

namespace Barnabas.Server;

/// <summary>Answers that go out together. Owned by the connection's lane.</summary>
/// <remarks>Small pieces are copied next to each other, so that many small answers cost one send; large ones,
/// and stretches of files, go from where they lie.</remarks>
internal sealed class AnswerBatch
{
    private const int LengthSize = 4;
    private const int CopyLimit = 8 * 1024;
    private const int LargestPacket = 64 * 1000;
    private const int CopiedEnd = 16 * 1024;
    private const int SmallestRoom = 1024;
    private const int LargestRoom = 64 * 1024;
    private const int SendSize = 1024 * 1024;
    private readonly List<OutgoingFrame> _frames = [];
    private readonly List<OutgoingFrame.Part> _pieces = [];
    private readonly List<byte[]> _rooms = [];
    private readonly List<ReadOnlyMemory<byte>> _gathered = [];
    private byte[] _room = [];
    private int _start;
    private int _end;

    /// <summary>The bytes to send.</summary>
    internal long Bytes { get; private set; }

    /// <summary>Adds an answer, which is the batch's from now on.</summary>
    /// <returns>Its bytes on the wire.</returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    internal long Add(OutgoingFrame frame)
    {
        _frames.Add(frame);
        var length = checked((int)frame.Length);
        BinaryPrimitives.WriteInt32BigEndian(Room(LengthSize), length);
        var parts = frame.Parts;
        for (var i = 0; i < parts.Count; i++)
            Add(parts[i]);
        Bytes += LengthSize + length;
        return LengthSize + length;
    }

    /// <summary>Sends all, and empties the batch.</summary>
    /// <exception cref="IOException">The connection is lost, or a file cannot be read.</exception>
    internal async ValueTask SendAsync(IConnection connection, PeerClock clock)
    {
        Cut();
        for (var i = 0; i < _pieces.Count; i++)
        {
            if (_pieces[i].Slice is { } slice)
            {
                await SendAsync(connection, clock, slice, more: i + 1 < _pieces.Count);
                continue;
            }

            _gathered.Add(_pieces[i].Memory);
            var fileFollows = i + 1 < _pieces.Count && _pieces[i + 1].Slice is not null;
            if (fileFollows || i == _pieces.Count - 1)
                await SendGatheredAsync(connection, clock, fileFollows);
        }

        Clear();
    }

    /// <summary>Gives back what was not sent.</summary>
    internal void Clear()
    {
        foreach (var frame in _frames)
            SpareFrames.Return(frame);
        foreach (var room in _rooms)
            ArrayPool<byte>.Shared.Return(room);
        _frames.Clear();
        _rooms.Clear();
        _pieces.Clear();
        _gathered.Clear();
        (_room, _start, _end) = ([], 0, 0);
        Bytes = 0;
    }

    private static async ValueTask SendAsync(IConnection connection, PeerClock clock, FileSlice slice, bool more)
    {
        // Piece by piece, so that the peer's deadline is for a piece.
        for (var done = 0; done < slice.Length; done += SendSize)
        {
            var piece = slice with
            {
                Position = slice.Position + done,
                Length = Math.Min(SendSize, slice.Length - done),
            };
            await Watched(connection.SendFileAsync(piece, more || done + SendSize < slice.Length), clock);
        }
    }

    private async ValueTask SendGatheredAsync(IConnection connection, PeerClock clock, bool more)
    {
        await Watched(connection.SendAsync(_gathered, more), clock);
        _gathered.Clear();
    }

    private static ValueTask Watched(ValueTask send, PeerClock clock)
    {
        return send.IsCompletedSuccessfully ? send : WaitAsync(send, clock);

        static async ValueTask WaitAsync(ValueTask send, PeerClock clock)
        {
            clock.AwaitSend();
            await send;
            clock.EndSend();
        }
    }

    private void Add(OutgoingFrame.Part part)
    {
        var length = part.Slice?.Length ?? part.Memory.Length;
        if (part.Slice is { } slice && length <= LargestPacket)
        {
            AddSmall(slice);
        }
        else if (length > CopyLimit)
        {
            Cut();
            _pieces.Add(part);
        }
        else
        {
            part.Memory.Span.CopyTo(Room(length));
        }
    }

    // The kernel sends at most 64 KiB at once, in at most 17 pieces, and each page of a file is one. With its end
    // copied an answer of that size is one packet, and one wake-up of the client; else it is two.
    private void AddSmall(FileSlice slice)
    {
        var uncopied = slice.Length > CopyLimit + CopiedEnd ? slice.Length - CopiedEnd : 0;
        if (slice.Length > CopyLimit && uncopied == 0)
            uncopied = slice.Length;
        if (uncopied > 0)
        {
            Cut();
            _pieces.Add(new OutgoingFrame.Part(default, slice with { Length = uncopied }));
        }

        var copied = slice.Length - uncopied;
        if (copied > 0 && slice.File.Read(slice.Position + uncopied, Room(copied)) < copied)
            throw new IOException($"{slice.File.Path} ends before the stretch to be sent");
    }

    private Span<byte> Room(int size)
    {
        if (_room.Length - _end < size)
        {
            Cut();
            _room = ArrayPool<byte>.Shared.Rent(
                Math.Clamp(2 * _room.Length, Math.Max(SmallestRoom, size), LargestRoom));
            _rooms.Add(_room);
            (_start, _end) = (0, 0);
        }

        _end += size;
        return _room.AsSpan(_end - size, size);
    }

    private void Cut()
    {
        if (_end > _start)
            _pieces.Add(new OutgoingFrame.Part(_room.AsMemory(_start, _end - _start), null));
        _start = _end;
    }
}
