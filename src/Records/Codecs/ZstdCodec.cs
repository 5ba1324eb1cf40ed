using System.Buffers;
using Barnabas.Base;

namespace Barnabas.Records;

/// <summary>Zstandard (RFC 8878), by the system's libzstd. One frame, no dictionary, a window of 8 MiB at
/// most.</summary>
internal static unsafe class ZstdCodec
{
    private const int DefaultLevel = 3;
    private const int Piece = 64 * 1024;

    /// <summary>Decompresses <paramref name="input"/> into <paramref name="output"/>.</summary>
    public static CodecOutcome Decode(ReadOnlySpan<byte> input, DecodeBuffer output)
    {
        var context = ZstdContext.ForDecompressing();
        try
        {
            fixed (byte* start = input)
                return Decode(context, new() { Start = start, Size = (nuint)input.Length }, output);
        }
        finally
        {
            context.Release();
        }
    }

    /// <summary>Compresses <paramref name="input"/> as one frame.</summary>
    public static void Compress(ReadOnlySpan<byte> input, int? level, IBufferWriter<byte> output)
    {
        var context = ZstdContext.ForCompressing();
        var room = output.GetSpan(checked((int)ZstdLibrary.LargestCompressed((nuint)input.Length)));
        fixed (byte* from = input, to = room)
        {
            var length = ZstdLibrary.Compress(
                context.Pointer, to, (nuint)room.Length, from, (nuint)input.Length, level ?? DefaultLevel);
            Invariant.Holds(ZstdLibrary.IsError(length) == 0, "zstd compresses whatever it is given");
            output.Advance((int)length);
        }
    }

    private static CodecOutcome Failure(nuint result) => ZstdLibrary.ErrorOf(result) switch
    {
        ZstdLibrary.WindowTooLarge => CodecOutcome.TooLarge,
        _ => CodecOutcome.Corrupt,
    };

    private static CodecOutcome Decode(ZstdContext context, ZstdLibrary.Stretch source, DecodeBuffer output)
    {
        while (true)
        {
            if (!output.TryReserve(Piece, out var room))
                return CodecOutcome.Stopped;
            fixed (byte* to = room)
            {
                var target = new ZstdLibrary.Stretch { Start = to, Size = (nuint)room.Length };
                var readBefore = source.Position;
                var result = ZstdLibrary.Decompress(context.Pointer, ref target, ref source);
                if (ZstdLibrary.IsError(result) != 0)
                    return Failure(result);
                output.Advance((int)target.Position);
                if (result == 0)
                    return source.Position == source.Size ? CodecOutcome.Done : CodecOutcome.Corrupt;
                if (target.Position > 0 || source.Position > readBefore)
                    continue;
                return room.IsEmpty ? CodecOutcome.TooLarge : CodecOutcome.Corrupt;
            }
        }
    }
}
