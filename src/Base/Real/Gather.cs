using System.Buffers;

namespace Barnabas.Base.Real;

/// <summary>Several buffers as the system calls for gathered output want them: pinned, with their
/// addresses.</summary>
internal static unsafe class Gather
{
    /// <summary>The most buffers for one call.</summary>
    internal const int Most = 64;

    /// <summary>Pins as many buffers as one call takes.</summary>
    /// <param name="buffers">The buffers.</param>
    /// <param name="at">The first one.</param>
    /// <param name="skip">How many of its bytes are left out.</param>
    /// <param name="vectors">Room for <see cref="Most"/> addresses.</param>
    /// <returns>The pins, one an address, which the caller gives to <see cref="Unpin"/>.</returns>
    internal static MemoryHandle[] Pin(
        IReadOnlyList<ReadOnlyMemory<byte>> buffers, int at, int skip, Libc.IoVector* vectors)
    {
        var count = Count(buffers, at);
        var pins = ArrayPool<MemoryHandle>.Shared.Rent(Most);
        for (var i = 0; i < count; i++)
        {
            var buffer = i == 0 ? buffers[at][skip..] : buffers[at + i];
            pins[i] = buffer.Pin();
            vectors[i] = new Libc.IoVector { Start = (byte*)pins[i].Pointer, Length = (nuint)buffer.Length };
        }

        return pins;
    }

    /// <summary>How many buffers one call takes.</summary>
    internal static int Count(IReadOnlyList<ReadOnlyMemory<byte>> buffers, int at) =>
        Math.Min(buffers.Count - at, Most);

    /// <summary>Lets the buffers go.</summary>
    internal static void Unpin(MemoryHandle[] pins, int count)
    {
        foreach (ref var pin in pins.AsSpan(0, count))
            pin.Dispose();
        ArrayPool<MemoryHandle>.Shared.Return(pins, clearArray: true);
    }

    /// <summary>Goes on behind the bytes that a call took; empty buffers are passed over.</summary>
    internal static void Advance(
        IReadOnlyList<ReadOnlyMemory<byte>> buffers, int taken, ref int at, ref int skip)
    {
        while (at < buffers.Count && taken >= buffers[at].Length - skip)
        {
            taken -= buffers[at++].Length - skip;
            skip = 0;
        }

        skip += taken;
    }
}
