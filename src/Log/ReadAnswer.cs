using Barnabas.Base;

namespace Barnabas.Log;

/// <summary>An answer to a read while it is put together, segment by segment.</summary>
/// <param name="from">The offset wanted.</param>
/// <param name="maxBytes">At most so many bytes.</param>
/// <param name="atLeastOneBatch">Take the first batch whatever its size.</param>
internal sealed class ReadAnswer(Offset from, int maxBytes, bool atLeastOneBatch)
{
    private readonly List<FileSlice> _slices = new(1);
    private int _bytes;
    private Offset _first = from;
    private bool _isDamaged;

    /// <summary>The offset to go on from.</summary>
    public Offset Next { get; private set; } = from;

    /// <summary>True once nothing more is to be added.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>True while there is no batch.</summary>
    public bool IsEmpty => _slices.Count == 0;

    /// <summary>The bytes that may still be added.</summary>
    public int Left => Math.Max(maxBytes - _bytes, 0);

    /// <summary>True when a batch of this size may be added to what there is.</summary>
    public bool Takes(int size) => size <= Left || (IsEmpty && atLeastOneBatch);

    /// <summary>Adds a slice of a file that was retained for it.</summary>
    public void Add(FileSlice slice, Offset firstOffset, Offset next)
    {
        if (IsEmpty)
            _first = firstOffset;
        _slices.Add(slice);
        _bytes += slice.Length;
        Next = next;
    }

    /// <summary>Nothing more is to be added.</summary>
    public void Complete() => IsComplete = true;

    /// <summary>The bytes that would come next are damaged.</summary>
    public void Damaged()
    {
        IsComplete = true;
        _isDamaged = IsEmpty;
    }

    /// <summary>Lets go of all files, where the answer comes to nothing.</summary>
    public void Abandon()
    {
        foreach (var slice in _slices)
            slice.File.Release();
        _slices.Clear();
    }

    /// <summary>The answer.</summary>
    public LogRead ToResult() =>
        _isDamaged
            ? LogRead.Failed(ErrorCode.KafkaStorageError) with { IsDamaged = true }
            : new(ErrorCode.None, _slices, _first, Next);
}
