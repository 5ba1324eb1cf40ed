using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Barnabas.Bench.Limits;

/// <summary>A connection of the bare server. A frame is a length, a kind (0 echo, 1 append, 2 fetch, 3 begin
/// anew), a correlation id and a body; answers to all frames of one receive go out together.</summary>
internal sealed partial class Connection(Socket socket, FreshLog log)
{
    private const int LengthSize = 4;
    private const int HeadSize = LengthSize + 1 + 4;
    private const int Answer = LengthSize + 4 + 8;
    private const int More = 0x8000;
    private const int NoSignal = 0x4000;
    private const short Writable = 4;
    private byte[] _buffer = GC.AllocateUninitializedArray<byte>((2 << 20) + 4096, pinned: true);
    private readonly byte[] _answers = GC.AllocateUninitializedArray<byte>(4096, pinned: true);

    /// <summary>Answers until the peer goes.</summary>
    public async Task RunAsync()
    {
        var have = 0;
        try
        {
            while (true)
            {
                var received = await socket.ReceiveAsync(_buffer.AsMemory(have));
                if (received == 0)
                    break;
                have += received;
                var at = 0;
                while (Next(at, have) is var length and > 0)
                {
                    var answered = Answered(ref at, have);
                    if (answered > 0)
                        await socket.SendAsync(_answers.AsMemory(0, answered));
                }

                if (at > 0 && have > at)
                    _buffer.AsSpan(at, have - at).CopyTo(_buffer);
                have -= at;
            }
        }
        catch (SocketException)
        {
            // The load has ended in the middle of something.
        }

        socket.Dispose();
    }

    // The length of the whole frame at a place; 0 where it has not come yet.
    private int Next(int at, int have)
    {
        if (have - at < LengthSize)
            return 0;
        var length = LengthSize + BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(at));
        if (length > _buffer.Length)
            Array.Resize(ref _buffer, 2 * length);
        return have - at < length ? 0 : length;
    }

    // Handles frames until there are no more, or no room for answers.
    private int Answered(ref int at, int have)
    {
        var filled = 0;
        while (filled + Answer <= _answers.Length && Next(at, have) is var length and > 0)
        {
            var frame = _buffer.AsSpan(at, length);
            at += length;
            var correlationId = BinaryPrimitives.ReadInt32BigEndian(frame[5..]);
            if (frame[LengthSize] == 2)
            {
                Fetch(
                    correlationId, BinaryPrimitives.ReadInt64BigEndian(frame[HeadSize..]),
                    BinaryPrimitives.ReadInt32BigEndian(frame[(HeadSize + 8)..]));
                continue;
            }

            var offset = 0L;
            if (frame[LengthSize] == 1)
                offset = log.Append(frame[HeadSize..]);
            else if (frame[LengthSize] == 3)
                log.BeginAnew();
            var answer = _answers.AsSpan(filled, Answer);
            BinaryPrimitives.WriteInt32BigEndian(answer, Answer - LengthSize);
            BinaryPrimitives.WriteInt32BigEndian(answer[4..], correlationId);
            BinaryPrimitives.WriteInt64BigEndian(answer[8..], offset);
            filled += Answer;
        }

        return filled;
    }

    private unsafe void Fetch(int correlationId, long position, int most)
    {
        var (file, end) = log.View;
        var length = (int)Math.Clamp(end - position, 0, most);
        Span<byte> head = stackalloc byte[LengthSize + 4];
        BinaryPrimitives.WriteInt32BigEndian(head, length + 4);
        BinaryPrimitives.WriteInt32BigEndian(head[4..], correlationId);
        var descriptor = (int)socket.Handle;
        fixed (byte* bytes = head)
        {
            while (Send(descriptor, bytes, (nuint)head.Length, NoSignal | (length > 0 ? More : 0)) < 0)
                WaitForRoom(descriptor);
        }

        while (length > 0)
        {
            var sent = SendFile(descriptor, file, &position, (nuint)length);
            if (sent > 0)
                length -= (int)sent;
            else
                WaitForRoom(descriptor);
        }
    }

    private static unsafe void WaitForRoom(int descriptor)
    {
        var poll = new Polled { Descriptor = descriptor, Events = Writable };
        _ = Poll(&poll, 1, -1);
    }

    [LibraryImport("libc", EntryPoint = "send")]
    private static unsafe partial nint Send(int socket, byte* bytes, nuint count, int flags);

    [LibraryImport("libc", EntryPoint = "sendfile")]
    private static unsafe partial nint SendFile(int socket, SafeFileHandle file, long* position, nuint count);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static unsafe partial int Poll(Polled* polled, nuint count, int milliseconds);

    private struct Polled
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
