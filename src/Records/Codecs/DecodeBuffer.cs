using System.Buffers;

namespace Barnabas.Records;

/// <summary>Takes what a decoder puts out: all of it in one growing array, or, with a consumer, through a
/// window.</summary>
/// <remarks>The array begins with <see cref="Expected"/> bytes and grows by doubling as bytes arrive. With a
/// consumer, what it has taken makes room, so that a stream of any length passes through little memory; the last
/// <see cref="History"/> bytes stay for back references.</remarks>
internal sealed class DecodeBuffer(int limit, IDecodedConsumer? consumer) : IDisposable
{
    private const int FirstSize = 16 * 1024;
    private const int WindowSize = 128 * 1024;

    private byte[] _array = [];
    private int _taken;
    private int _end;
    private long _total;

    /// <summary>How many bytes before the end a decoder still refers to.</summary>
    public int History { get; set; }

    /// <summary>About how many bytes will come out: a guess by the bytes at hand, never by a number they
    /// claim.</summary>
    public int Expected { get; init => field = Math.Max(value, FirstSize); } = FirstSize;

    /// <summary>How many more bytes may come out.</summary>
    public long Left => limit - _total;

    /// <summary>What was put out last, as far as it is still here: at least <see cref="History"/> bytes once
    /// so many were.</summary>
    public Span<byte> Recent => _array.AsSpan(0, _end);

    /// <summary>Room for <paramref name="size"/> bytes after what was put out last.</summary>
    /// <param name="size">At least 1; more than <see cref="Left"/> is cut to that.</param>
    /// <param name="room">The room: as much as was asked for or more, but never more than may still come out;
    /// empty when nothing more may.</param>
    /// <returns>False where the consumer wants no more.</returns>
    public bool TryReserve(int size, out Span<byte> room)
    {
        size = (int)Math.Min(size, Left);
        if (_array.Length - _end < size)
        {
            if (consumer is not null && !Consume(consumer))
            {
                room = default;
                return false;
            }
            MakeRoom(size);
        }
        room = _array.AsSpan(_end, (int)Math.Min(_array.Length - _end, Left));
        return true;
    }

    /// <summary>The decoder has put out <paramref name="count"/> bytes.</summary>
    public void Advance(int count)
    {
        _end += count;
        _total += count;
    }

    /// <summary>Puts out bytes that are not compressed.</summary>
    public CodecOutcome Copy(ReadOnlySpan<byte> input)
    {
        if (input.Length > Left)
            return CodecOutcome.TooLarge;
        while (!input.IsEmpty)
        {
            var piece = Math.Min(input.Length, WindowSize);
            if (!TryReserve(piece, out var room))
                return CodecOutcome.Stopped;
            input[..piece].CopyTo(room);
            Advance(piece);
            input = input[piece..];
        }
        return CodecOutcome.Done;
    }

    /// <summary>Hands what is left to the consumer: the decoder is at its end.</summary>
    public CodecOutcome Finish() =>
        consumer is null || Consume(consumer) ? CodecOutcome.Done : CodecOutcome.Stopped;

    /// <summary>Hands over all that was put out; the buffer has no memory after that.</summary>
    public PooledBytes Detach()
    {
        var bytes = new PooledBytes(_array, _end);
        (_array, _end, _taken) = ([], 0, 0);
        return bytes;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_array.Length > 0)
            ArrayPool<byte>.Shared.Return(_array);
        (_array, _end, _taken) = ([], 0, 0);
    }

    private bool Consume(IDecodedConsumer by)
    {
        var taken = by.Consume(_array.AsSpan(_taken, _end - _taken));
        _taken += Math.Max(taken, 0);
        return taken >= 0;
    }

    /// <summary>Drops what nobody needs any more from the front, then grows if that is not enough.</summary>
    private void MakeRoom(int size)
    {
        var keepFrom = consumer is null ? 0 : Math.Max(0, Math.Min(_taken, _end - History));
        var kept = _end - keepFrom;
        var array = _array;
        if (_array.Length - kept < size)
        {
            var atLeast = Math.Max((long)kept + size, consumer is null ? Expected : WindowSize);
            array = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Max(atLeast, 2L * kept), kept + Left));
        }
        _array.AsSpan(keepFrom, kept).CopyTo(array);
        if (array != _array && _array.Length > 0)
            ArrayPool<byte>.Shared.Return(_array);
        _array = array;
        _taken -= keepFrom;
        _end = kept;
    }
}
