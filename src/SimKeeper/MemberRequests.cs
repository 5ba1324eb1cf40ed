using Barnabas.Keeper;
using Barnabas.Wire;

namespace Barnabas.SimKeeper;

/// <summary>Answers the requests of a simulated server's client.</summary>
internal static class MemberRequests
{
    private static readonly IReadOnlyList<WatchEvent> Nothing = [];

    /// <summary>Does what a request asks for.</summary>
    /// <returns>The answer's frame, and events to be sent behind it.</returns>
    /// <exception cref="MalformedFrameException">It cannot be read.</exception>
    public static Task<(ReadOnlyMemory<byte> Answer, IReadOnlyList<WatchEvent> Missed)> AnswerAsync(
        SimMember member, long session, MemberWatches watches, int xid, byte[] frame)
    {
        var r = new JuteReader(frame);
        r.ReadInt32();
        var operation = (KeeperOp)r.ReadInt32();
        switch (operation)
        {
            case KeeperOp.Create or KeeperOp.Create2 or KeeperOp.CreateContainer or KeeperOp.CreateTtl
                or KeeperOp.SetData or KeeperOp.Delete:
                return WriteAsync(member, session, xid, operation, [KeeperChange.Read(operation, ref r)], null);
            case KeeperOp.Multi:
                return WriteAsync(member, session, xid, operation, ReadChanges(ref r), null);
            case KeeperOp.SetAcl:
                var acl = (r.ReadString(), KeeperAcl.Read(ref r), r.ReadInt32());
                return WriteAsync(member, session, xid, operation, [], t => t with { AclChange = acl });
            case KeeperOp.Sync:
                return SyncAsync(member, xid, r.ReadString());
            default:
                return Task.FromResult(Read(member.Tree, watches, xid, operation, ref r));
        }
    }

    private static List<KeeperChange> ReadChanges(ref JuteReader r)
    {
        var changes = new List<KeeperChange>();
        while (true)
        {
            var operation = (KeeperOp)r.ReadInt32();
            var done = r.ReadBool();
            r.ReadInt32();
            if (done)
                return changes;
            changes.Add(KeeperChange.Read(operation, ref r));
        }
    }

    private static async Task<(ReadOnlyMemory<byte>, IReadOnlyList<WatchEvent>)> WriteAsync(
        SimMember member, long session, int xid, KeeperOp operation, IReadOnlyList<KeeperChange> changes,
        Func<Transaction, Transaction>? shape)
    {
        var (zxid, results) = await member.WriteAsync(session, changes, shape);
        if (operation == KeeperOp.Multi && zxid > 0)
        {
            var multi = Begin(xid, zxid, KeeperError.None);
            WriteResults(multi, changes, results);
            return (multi.ToFrame(), Nothing);
        }

        var w = Begin(xid, zxid, results[0].Error);
        if (results[0].Error == KeeperError.None)
            WriteResult(w, operation, results[0]);
        return (w.ToFrame(), Nothing);
    }

    private static void WriteResults(
        JuteWriter w, IReadOnlyList<KeeperChange> changes, IReadOnlyList<ChangeResult> results)
    {
        var done = results.All(static r => r.Error == KeeperError.None);
        for (var i = 0; i < results.Count; i++)
        {
            WriteHead(w, done ? changes[i].Operation : KeeperOp.Error, false, results[i].Error);
            if (done)
                WriteResult(w, changes[i].Operation, results[i]);
            else
                w.WriteInt32((int)results[i].Error);
        }

        WriteHead(w, KeeperOp.Error, true, KeeperError.SystemError);
    }

    private static void WriteHead(JuteWriter w, KeeperOp operation, bool done, KeeperError error)
    {
        w.WriteInt32((int)operation);
        w.WriteBool(done);
        w.WriteInt32((int)error);
    }

    private static void WriteResult(JuteWriter w, KeeperOp operation, ChangeResult result)
    {
        switch (operation)
        {
            case KeeperOp.Create:
                w.WriteString(result.Path);
                break;
            case KeeperOp.Create2 or KeeperOp.CreateContainer or KeeperOp.CreateTtl:
                w.WriteString(result.Path);
                result.Stat.Write(w);
                break;
            case KeeperOp.SetData or KeeperOp.SetAcl:
                result.Stat.Write(w);
                break;
            default:
                break;
        }
    }

    private static async Task<(ReadOnlyMemory<byte>, IReadOnlyList<WatchEvent>)> SyncAsync(
        SimMember member, int xid, string path)
    {
        await member.SyncAsync();
        var w = Begin(xid, member.Tree.Zxid, KeeperError.None);
        w.WriteString(path);
        return (w.ToFrame(), Nothing);
    }

    private static (ReadOnlyMemory<byte>, IReadOnlyList<WatchEvent>) Read(
        KeeperTree tree, MemberWatches watches, int xid, KeeperOp operation, ref JuteReader r)
    {
        switch (operation)
        {
            case KeeperOp.Ping or KeeperOp.CloseSession or KeeperOp.Auth:
                return (Begin(xid, tree.Zxid, KeeperError.None).ToFrame(), Nothing);
            case KeeperOp.SetWatches2:
                var missed = watches.Renew(ref r, tree);
                return (Begin(xid, tree.Zxid, KeeperError.None).ToFrame(), missed);
            case KeeperOp.AddWatch:
                watches.Add(r.ReadString(), (WatchScope)r.ReadInt32());
                var added = Begin(xid, tree.Zxid, KeeperError.None);
                added.WriteInt32(0);
                return (added.ToFrame(), Nothing);
            case KeeperOp.RemoveWatches:
                var removed = watches.Remove(r.ReadString()) ? KeeperError.None : KeeperError.NoWatcher;
                return (Begin(xid, tree.Zxid, removed).ToFrame(), Nothing);
            case KeeperOp.MultiRead:
                return (ReadMany(tree, xid, ref r), Nothing);
            case KeeperOp.Exists or KeeperOp.GetData or KeeperOp.GetChildren or KeeperOp.GetChildren2
                or KeeperOp.GetAcl:
                return (ReadOne(tree, watches, xid, operation, ref r), Nothing);
            default:
                return (Begin(xid, tree.Zxid, KeeperError.Unimplemented).ToFrame(), Nothing);
        }
    }

    private static ReadOnlyMemory<byte> ReadOne(
        KeeperTree tree, MemberWatches watches, int xid, KeeperOp operation, ref JuteReader r)
    {
        var path = r.ReadString();
        var watch = operation != KeeperOp.GetAcl && r.ReadBool();
        var node = tree.Find(path);
        if (watch && (node is not null || operation == KeeperOp.Exists))
        {
            if (operation is KeeperOp.GetChildren or KeeperOp.GetChildren2)
                watches.AddChildren(path);
            else
                watches.AddData(path);
        }

        if (node is null)
            return Begin(xid, tree.Zxid, KeeperError.NoNode).ToFrame();
        var w = Begin(xid, tree.Zxid, KeeperError.None);
        switch (operation)
        {
            case KeeperOp.GetData:
                w.WriteBytes(node.Data.Span);
                break;
            case KeeperOp.GetChildren or KeeperOp.GetChildren2:
                w.WriteStrings(node.Children);
                break;
            case KeeperOp.GetAcl:
                KeeperAcl.Write(w, node.Acl);
                break;
            default:
                break;
        }

        if (operation != KeeperOp.GetChildren)
            node.Stat.Write(w);
        return w.ToFrame();
    }

    private static ReadOnlyMemory<byte> ReadMany(KeeperTree tree, int xid, ref JuteReader r)
    {
        var w = Begin(xid, tree.Zxid, KeeperError.None);
        while (true)
        {
            var operation = (KeeperOp)r.ReadInt32();
            var done = r.ReadBool();
            r.ReadInt32();
            if (done)
                break;
            var node = tree.Find(r.ReadString());
            r.ReadBool();
            WriteHead(w, node is null ? KeeperOp.Error : operation, false, KeeperError.None);
            if (node is null)
            {
                w.WriteInt32((int)KeeperError.NoNode);
            }
            else if (operation == KeeperOp.GetChildren)
            {
                w.WriteStrings(node.Children);
            }
            else
            {
                w.WriteBytes(node.Data.Span);
                node.Stat.Write(w);
            }
        }

        WriteHead(w, KeeperOp.Error, true, KeeperError.SystemError);
        return w.ToFrame();
    }

    private static JuteWriter Begin(int xid, long zxid, KeeperError error)
    {
        var w = new JuteWriter();
        w.WriteInt32(xid);
        w.WriteInt64(zxid);
        w.WriteInt32((int)error);
        return w;
    }
}
