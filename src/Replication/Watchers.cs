namespace Barnabas.Replication;

/// <summary>Those who wait for one thing to happen to a partition. Owned by its lane.</summary>
internal sealed class Watchers
{
    private const int Few = 64;
    private List<Watcher>? _watchers;
    private List<Watcher>? _spare;
    private int _toSift = Few;

    /// <summary>Adds somebody. Those whose wait is over by other means are dropped now and then.</summary>
    public void Add(Watcher watcher)
    {
        _watchers ??= [];
        if (_watchers.Count >= _toSift)
        {
            _watchers.RemoveAll(static w => w.IsOver);
            _toSift = Math.Max(Few, 2 * _watchers.Count);
        }

        _watchers.Add(watcher);
    }

    /// <summary>It has happened.</summary>
    public void WakeAll()
    {
        if (_watchers is not { Count: > 0 } woken)
            return;
        // Who is woken may watch again at once, on this very lane: that is for the next time.
        (_watchers, _spare) = (_spare, null);
        foreach (var watcher in woken)
            watcher.Wake();
        woken.Clear();
        _spare = woken;
    }
}
