namespace Barnabas.Replication;

/// <summary>Those who wait for one thing to happen to a partition. Owned by its lane.</summary>
internal sealed class Watchers
{
    private const int Few = 64;
    private List<Waiter>? _waiters;
    private List<Waiter>? _spare;
    private int _toSift = Few;

    /// <summary>Adds somebody. Those whose wait is over by other means are dropped now and then.</summary>
    public void Add(Waiter waiter)
    {
        _waiters ??= [];
        if (_waiters.Count >= _toSift)
        {
            _waiters.RemoveAll(static w => w.IsOver);
            _toSift = Math.Max(Few, 2 * _waiters.Count);
        }

        _waiters.Add(waiter);
    }

    /// <summary>It has happened.</summary>
    public void WakeAll()
    {
        if (_waiters is not { Count: > 0 } woken)
            return;
        // Who is woken may watch again at once, on this very lane: that is for the next time.
        (_waiters, _spare) = (_spare, null);
        foreach (var waiter in woken)
            waiter.Wake();
        woken.Clear();
        _spare = woken;
    }
}
