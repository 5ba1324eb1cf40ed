using Barnabas.Keeper;

namespace Barnabas.SimKeeper;

/// <summary>What one client of a simulated server watches.</summary>
internal sealed class MemberWatches
{
    private readonly HashSet<string> _data = new(StringComparer.Ordinal);
    private readonly HashSet<string> _children = new(StringComparer.Ordinal);
    private readonly HashSet<string> _node = new(StringComparer.Ordinal);
    private readonly HashSet<string> _tree = new(StringComparer.Ordinal);

    /// <summary>Tells once of what the node holds, and whether it is there.</summary>
    public void AddData(string path) => _data.Add(path);

    /// <summary>Tells once of its children.</summary>
    public void AddChildren(string path) => _children.Add(path);

    /// <summary>Tells until it is taken away.</summary>
    public void Add(string path, WatchScope scope) => (scope == WatchScope.Tree ? _tree : _node).Add(path);

    /// <summary>Takes all of a node away; false where there is none.</summary>
    public bool Remove(string path) =>
        _data.Remove(path) | _children.Remove(path) | _node.Remove(path) | _tree.Remove(path);

    /// <summary>True when the client is to be told; what tells once is then gone.</summary>
    public bool Concerns(WatchEvent happened)
    {
        var (kind, path) = happened;
        var told = _node.Contains(path);
        if (kind == WatchEventKind.ChildrenChanged)
            return _children.Remove(path) | told;
        told |= _data.Remove(path);
        if (kind == WatchEventKind.Deleted)
            told |= _children.Remove(path);
        for (var above = path; !told && above.Length > 0; above = KeeperPath.Parent(above))
            told = _tree.Contains(above);
        return told;
    }

    /// <summary>Watches again what a client watched at another member.</summary>
    /// <returns>What it missed.</returns>
    public List<WatchEvent> Renew(ref JuteReader r, KeeperTree tree)
    {
        var zxid = r.ReadInt64();
        var missed = new List<WatchEvent>();
        foreach (var path in r.ReadStrings())
        {
            if (tree.Find(path) is not { } node)
                missed.Add(new(WatchEventKind.Deleted, path));
            else if (node.Numbers.WrittenBy > zxid)
                missed.Add(new(WatchEventKind.DataChanged, path));
            else
                _data.Add(path);
        }

        foreach (var path in r.ReadStrings())
        {
            if (tree.Find(path) is not null)
                missed.Add(new(WatchEventKind.Created, path));
            else
                _data.Add(path);
        }

        foreach (var path in r.ReadStrings())
        {
            if (tree.Find(path) is not { } node)
                missed.Add(new(WatchEventKind.Deleted, path));
            else if (node.Numbers.ChildrenChangedBy > zxid)
                missed.Add(new(WatchEventKind.ChildrenChanged, path));
            else
                _children.Add(path);
        }

        // Of what stays nothing is told that was missed: so it is with the real one.
        _node.UnionWith(r.ReadStrings());
        _tree.UnionWith(r.ReadStrings());
        return missed;
    }
}
