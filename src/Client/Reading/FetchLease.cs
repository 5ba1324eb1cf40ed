namespace Barnabas.Client;

/// <summary>Counts who still reads from an answer's memory; the last one gives it back.</summary>
/// <param name="memory">The memory.</param>
/// <param name="size">Its bytes, as far as they count as read ahead.</param>
/// <param name="released">Told the size when the memory has gone back; on any thread.</param>
internal sealed class FetchLease(IDisposable memory, int size, Action<int> released)
{
    private int _holders = 1;

    /// <summary>The bytes that count as read ahead.</summary>
    public int Size => size;

    /// <summary>One holder more.</summary>
    public void Retain() => Interlocked.Increment(ref _holders);

    /// <summary>One holder less.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) != 0)
            return;
        memory.Dispose();
        released(size);
    }
}
