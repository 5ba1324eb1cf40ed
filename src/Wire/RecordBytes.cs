using Barnabas.Base;

namespace Barnabas.Wire;

/// <summary>Record batches as a message carries them: bytes in memory, or stretches of files that are sent from
/// there.</summary>
/// <remarks>What was read from a frame is memory, and aliases the frame. Slices are retained by whoever made them and
/// released by <see cref="OutgoingFrame"/>, to which writing the message hands them over.</remarks>
public readonly struct RecordBytes
{
    /// <summary>Bytes in memory.</summary>
    public RecordBytes(ReadOnlyMemory<byte> memory) => (Memory, Length) = (memory, memory.Length);

    /// <summary>Stretches of files, in order.</summary>
    public RecordBytes(IReadOnlyList<FileSlice> slices)
    {
        Slices = slices;
        foreach (var slice in slices)
            Length = checked(Length + slice.Length);
    }

    /// <summary>The bytes, where they lie in memory.</summary>
    public ReadOnlyMemory<byte> Memory { get; }

    /// <summary>The stretches, where the bytes lie in files; else null.</summary>
    public IReadOnlyList<FileSlice>? Slices { get; }

    /// <summary>How many bytes there are.</summary>
    public int Length { get; }
}
