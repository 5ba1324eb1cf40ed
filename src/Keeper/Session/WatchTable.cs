namespace Barnabas.Keeper;

/// <summary>What a session watches, and who is told. Paths are the server's. Owned by the session's lane.</summary>
internal sealed class WatchTable
{
    // As servers bound a request; what is watched may be more.
    private const int RenewalBytes = 64 * 1024;
    private readonly Watchers _data = new();
    private readonly Watchers _exists = new();
    private readonly Watchers _children = new();
    private readonly Watchers _node = new();
    private readonly Watchers _tree = new();

    /// <summary>Tells once when the node is written or removed.</summary>
    public void OnData(string path, Action<WatchEvent> watch) => _data.Add(path, watch);

    /// <summary>Tells once when the node is made.</summary>
    public void OnExists(string path, Action<WatchEvent> watch) => _exists.Add(path, watch);

    /// <summary>Tells once when children come or go, or the node is removed.</summary>
    public void OnChildren(string path, Action<WatchEvent> watch) => _children.Add(path, watch);

    /// <summary>Tells until it is taken away.</summary>
    public void OnAny(string path, WatchScope scope, Action<WatchEvent> watch) =>
        (scope == WatchScope.Tree ? _tree : _node).Add(path, watch);

    /// <summary>Forgets every watch of a node.</summary>
    public void Remove(string path)
    {
        foreach (var watchers in (Watchers[])[_data, _exists, _children, _node, _tree])
            watchers.Take(path);
    }

    /// <summary>Tells whoever watches.</summary>
    public void Tell(WatchEvent happened)
    {
        foreach (var watch in Who(happened))
            watch(happened);
    }

    /// <summary>The requests that have a server watch all this again, and tell what it missed of what tells
    /// once.</summary>
    /// <param name="zxid">The newest transaction the session has seen.</param>
    public IEnumerable<ReadOnlyMemory<byte>> Renewals(long zxid)
    {
        Watchers[] kinds = [_data, _exists, _children, _node, _tree];
        var all = kinds.SelectMany(static (watchers, kind) => watchers.Paths.Select(path => (kind, path))).ToArray();
        for (var at = 0; at < all.Length;)
        {
            var (from, bytes) = (at, 0);
            while (at < all.Length && (at == from || bytes < RenewalBytes))
                bytes += 4 + (3 * all[at++].path.Length);
            yield return Renewal(zxid, kinds.Length, all.AsSpan(from, at - from));
        }
    }

    private static ReadOnlyMemory<byte> Renewal(long zxid, int kinds, ReadOnlySpan<(int Kind, string Path)> part)
    {
        var w = new JuteWriter();
        w.WriteInt32(Link.WatchesXid);
        w.WriteInt32((int)KeeperOp.SetWatches2);
        w.WriteInt64(zxid);
        for (var kind = 0; kind < kinds; kind++)
        {
            var paths = new List<string>();
            foreach (var (of, path) in part)
            {
                if (of == kind)
                    paths.Add(path);
            }

            w.WriteStrings(paths);
        }

        return w.ToFrame();
    }

    private List<Action<WatchEvent>> Who(WatchEvent happened)
    {
        var (kind, path) = happened;
        var who = new List<Action<WatchEvent>>();
        if (kind is WatchEventKind.Created or WatchEventKind.DataChanged or WatchEventKind.Deleted)
        {
            who.AddRange(_data.Take(path));
            who.AddRange(_exists.Take(path));
        }

        if (kind is WatchEventKind.ChildrenChanged or WatchEventKind.Deleted)
            who.AddRange(_children.Take(path));
        who.AddRange(_node.Of(path));
        if (kind == WatchEventKind.ChildrenChanged)
            return who;
        for (var above = path; above.Length > 0; above = KeeperPath.Parent(above))
            who.AddRange(_tree.Of(above));
        return who;
    }

    private sealed class Watchers
    {
        private readonly SortedDictionary<string, List<Action<WatchEvent>>> _byPath = new(StringComparer.Ordinal);

        public IEnumerable<string> Paths => _byPath.Keys;

        public void Add(string path, Action<WatchEvent> watch)
        {
            if (!_byPath.TryGetValue(path, out var watches))
                _byPath.Add(path, watches = []);
            watches.Add(watch);
        }

        public List<Action<WatchEvent>> Of(string path) => _byPath.TryGetValue(path, out var w) ? w : [];

        public List<Action<WatchEvent>> Take(string path) =>
            _byPath.Remove(path, out var watches) ? watches : [];
    }
}
