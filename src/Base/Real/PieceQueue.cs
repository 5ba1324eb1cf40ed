namespace Barnabas.Base.Real;

/// <summary>The pieces of work that wait for a lane: any thread adds, the lane's own takes.</summary>
/// <remarks>A node with many partitions has many lanes that hardly ever have work: a queue takes no memory before there
/// is any. Its guard is held for a few instructions.</remarks>
internal struct PieceQueue
{
    private const int Fewest = 4;
    private const int MostKept = 64;

    private (SendOrPostCallback Callback, object? State)[] _ring = [];
    private SpinLock _guard = new(enableThreadOwnerTracking: false);
    private int _first;
    private int _count;

    public PieceQueue()
    {
    }

    /// <summary>Adds a piece behind the others.</summary>
    public void Enqueue(SendOrPostCallback callback, object? state)
    {
        var taken = false;
        _guard.Enter(ref taken);
        if (_count == _ring.Length)
            Grow();
        _ring[(_first + _count++) & (_ring.Length - 1)] = (callback, state);
        _guard.Exit(useMemoryBarrier: false);
    }

    /// <summary>Takes the first piece.</summary>
    public bool TryDequeue(out (SendOrPostCallback Callback, object? State) piece)
    {
        var taken = false;
        _guard.Enter(ref taken);
        var isThere = _count > 0;
        piece = default;
        if (isThere)
        {
            piece = _ring[_first];
            _ring[_first] = default;
            _first = (_first + 1) & (_ring.Length - 1);
            if (--_count == 0 && _ring.Length > MostKept)
                (_ring, _first) = ([], 0);
        }

        _guard.Exit(useMemoryBarrier: false);
        return isThere;
    }

    private void Grow()
    {
        var ring = new (SendOrPostCallback, object?)[Math.Max(Fewest, 2 * _ring.Length)];
        for (var i = 0; i < _count; i++)
            ring[i] = _ring[(_first + i) & (_ring.Length - 1)];
        (_ring, _first) = (ring, 0);
    }
}
