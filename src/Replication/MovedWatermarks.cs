namespace Barnabas.Replication;

/// <summary>Whether high watermarks have moved since their checkpoint was written: where none has, nobody need wake up
/// to write it. From any lane.</summary>
/// <param name="first">Called at the first move after each checkpoint.</param>
internal sealed class MovedWatermarks(Action first)
{
    private int _moved;

    /// <summary>Whether some have moved since.</summary>
    public bool HaveMoved => Volatile.Read(ref _moved) != 0;

    /// <summary>One has moved, or there is one more.</summary>
    public void Note()
    {
        if (Volatile.Read(ref _moved) == 0 && Interlocked.Exchange(ref _moved, 1) == 0)
            first();
    }

    /// <summary>A checkpoint is about to be written: what moves from here on is for the next.</summary>
    public void Take() => Interlocked.Exchange(ref _moved, 0);
}
