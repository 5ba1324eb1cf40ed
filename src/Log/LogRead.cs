using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>What a read found: whole batches as stretches of files, or why there is nothing.</summary>
/// <param name="Error">None; OFFSET_OUT_OF_RANGE; KAFKA_STORAGE_ERROR where the bytes asked for are damaged.</param>
/// <param name="Slices">The batches, in order; empty at the end of what may be read. Each file was retained: whoever
/// takes the slices releases each once.</param>
/// <param name="FirstOffset">The base offset of the first batch, which may lie below the offset asked for; the
/// offset asked for where there are no batches.</param>
/// <param name="NextOffset">The offset after the last batch; where to read on.</param>
public readonly record struct LogRead(
    ErrorCode Error, IReadOnlyList<FileSlice> Slices, Offset FirstOffset, Offset NextOffset)
{
    /// <summary>True where the bytes asked for are not what was written.</summary>
    public bool IsDamaged { get; init; }

    /// <summary>The bytes of all slices.</summary>
    public int Bytes
    {
        get
        {
            var sum = 0;
            foreach (var slice in Slices)
                sum += slice.Length;
            return sum;
        }
    }

    /// <summary>Lets go of the files, where nobody takes the slices.</summary>
    public void Release()
    {
        foreach (var slice in Slices)
            slice.File.Release();
    }

    /// <summary>The disk refused to be read: KAFKA_STORAGE_ERROR.</summary>
    public static LogRead Refused { get; } = Failed(ErrorCode.KafkaStorageError);

    internal static LogRead Failed(ErrorCode error) => new(error, [], Offset.None, Offset.None);

    internal static LogRead Empty(Offset at) => new(ErrorCode.None, [], at, at);
}
