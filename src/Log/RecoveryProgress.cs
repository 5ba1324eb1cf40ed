namespace Barnabas.Log;

/// <summary>Tells how far a recovery has come, each 64 MiB.</summary>
/// <param name="all">The bytes to scan.</param>
/// <param name="tell">Who wants to know; null for nobody.</param>
internal sealed class RecoveryProgress(long all, Action<long, long>? tell)
{
    private const long Step = 64 << 20;
    private long _done;
    private long _told;

    /// <summary>So many more bytes were scanned.</summary>
    public void Add(int bytes)
    {
        _done += bytes;
        if (_done - _told < Step)
            return;
        _told = _done;
        tell?.Invoke(_done, all);
    }
}
