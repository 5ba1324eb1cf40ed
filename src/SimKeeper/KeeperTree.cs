using System.Globalization;
using Barnabas.Base;
using Barnabas.Keeper;

namespace Barnabas.SimKeeper;

/// <summary>The nodes as one member has them: a function of the transactions it has applied.</summary>
internal sealed class KeeperTree
{
    private PersistentMap<string, TreeNode> _nodes =
        PersistentMap<string, TreeNode>.Empty(StringComparer.Ordinal)
            .With("/", NewNode([], NodeKind.Persistent, 0, default));

    /// <summary>The newest transaction applied.</summary>
    public long Zxid { get; private set; }

    /// <summary>Finds a node; null where there is none.</summary>
    public TreeNode? Find(string path) => _nodes.TryGetValue(path, out var node) ? node : null;

    /// <summary>Applies the next transaction: all of it, or nothing where one change cannot be done.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="happened">What watches are told of.</param>
    public IReadOnlyList<ChangeResult> Apply(Transaction transaction, List<WatchEvent> happened)
    {
        Zxid = transaction.Zxid;
        if (transaction.EndsSession)
            return EndSession(transaction, happened);
        if (transaction.AclChange is { } acl)
            return [SetAcl(acl.Path, acl.Acl, acl.Version)];

        var (before, results) = (_nodes, new List<ChangeResult>());
        foreach (var change in transaction.Changes)
        {
            var result = Do(change, transaction, happened);
            results.Add(result);
            if (result.Error == KeeperError.None)
                continue;
            _nodes = before;
            happened.Clear();
            return
            [
                .. results.SkipLast(1).Select(static _ => default(ChangeResult)), result,
                .. transaction.Changes.Skip(results.Count)
                    .Select(static _ => new ChangeResult(KeeperError.RuntimeInconsistency, "", default)),
            ];
        }

        return results;
    }

    private ChangeResult Do(KeeperChange change, Transaction transaction, List<WatchEvent> happened)
    {
        if (change is CreateChange create)
            return Create(create, transaction, happened);
        if (Find(change.Path) is not { } node)
            return Failed(KeeperError.NoNode);
        if (change.Version >= 0 && change.Version != node.Numbers.Version)
            return Failed(KeeperError.BadVersion);
        switch (change)
        {
            case SetDataChange set:
                node = node with
                {
                    Data = set.Data.ToArray(),
                    Numbers = node.Numbers with
                    {
                        Version = node.Numbers.Version + 1,
                        WrittenBy = transaction.Zxid,
                        Written = transaction.Time,
                    },
                };
                _nodes = _nodes.With(set.Path, node);
                happened.Add(new(WatchEventKind.DataChanged, set.Path));
                return new(KeeperError.None, "", node.Stat);
            case { Operation: KeeperOp.Delete }:
                if (node.Children.Count > 0)
                    return Failed(KeeperError.NotEmpty);
                Remove(change.Path, transaction.Zxid, happened);
                return default;
            default:
                return default;
        }
    }

    private ChangeResult Create(CreateChange create, Transaction transaction, List<WatchEvent> happened)
    {
        var (path, above) = (create.Path, KeeperPath.Parent(create.Path));
        if (Find(above) is not { } parent)
            return Failed(KeeperError.NoNode);
        if (parent.Kind.IsEphemeral())
            return Failed(KeeperError.NoChildrenForEphemerals);
        if (create.Kind.IsSequential())
            path += parent.Made.ToString("D10", CultureInfo.InvariantCulture);
        if (!KeeperPath.IsValid(path))
            return Failed(KeeperError.BadArguments);
        if (Find(path) is not null)
            return Failed(KeeperError.NodeExists);

        var owner = create.Kind.IsEphemeral() ? transaction.Session : 0;
        var node = NewNode(create.Data.ToArray(), create.Kind, owner, transaction.Time) with
        {
            Acl = create.Acl ?? KeeperAcl.Open,
            Ttl = create.Ttl,
        };
        node = node with
        {
            Numbers = node.Numbers with
            {
                CreatedBy = transaction.Zxid,
                WrittenBy = transaction.Zxid,
                ChildrenChangedBy = transaction.Zxid,
            },
        };
        parent = parent with
        {
            Children = parent.Children.Add(KeeperPath.Name(path)),
            Made = parent.Made + 1,
            Numbers = parent.Numbers with { ChildrenChangedBy = transaction.Zxid },
        };
        _nodes = _nodes.With(path, node).With(above, parent);
        happened.Add(new(WatchEventKind.Created, path));
        happened.Add(new(WatchEventKind.ChildrenChanged, above));
        return new(KeeperError.None, path, node.Stat);
    }

    private void Remove(string path, long zxid, List<WatchEvent> happened)
    {
        var above = KeeperPath.Parent(path);
        var parent = _nodes[above];
        parent = parent with
        {
            Children = parent.Children.Remove(KeeperPath.Name(path)),
            Numbers = parent.Numbers with { ChildrenChangedBy = zxid },
        };
        _nodes = _nodes.Without(path).With(above, parent);
        happened.Add(new(WatchEventKind.Deleted, path));
        happened.Add(new(WatchEventKind.ChildrenChanged, above));
    }

    private ChangeResult SetAcl(string path, IReadOnlyList<KeeperAcl> acl, int version)
    {
        if (Find(path) is not { } node)
            return Failed(KeeperError.NoNode);
        if (version >= 0 && version != node.Numbers.AclVersion)
            return Failed(KeeperError.BadVersion);
        var numbers = node.Numbers with { AclVersion = node.Numbers.AclVersion + 1 };
        _nodes = _nodes.With(path, node = node with { Acl = acl, Numbers = numbers });
        return new(KeeperError.None, "", node.Stat);
    }

    private IReadOnlyList<ChangeResult> EndSession(Transaction transaction, List<WatchEvent> happened)
    {
        foreach (var (path, node) in _nodes.ToArray())
        {
            if (node.Numbers.Owner == transaction.Session)
                Remove(path, transaction.Zxid, happened);
        }

        return [default];
    }

    private static ChangeResult Failed(KeeperError error) => new(error, "", default);

    private static TreeNode NewNode(byte[] data, NodeKind kind, long owner, DateTimeOffset time) =>
        new(data, kind, KeeperAcl.Open)
        {
            Numbers = new NodeStat { Created = time, Written = time, Owner = owner },
        };
}
