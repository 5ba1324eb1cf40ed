using Barnabas.Base;

namespace Barnabas.Keeper;

/// <summary>A client of an Apache ZooKeeper ensemble: one session, under the root that the connect string
/// names.</summary>
/// <remarks>
/// Owned by one lane: every member is called on it, and calls back on it. Requests are pipelined and answered in
/// order. What is asked while no server is found waits for one; what was on its way when a connection was lost ends
/// with <see cref="KeeperError.ConnectionLoss"/>, and may have been done. Nothing here throws for what a server says.
/// </remarks>
public sealed partial class KeeperClient : IAsyncDisposable
{
    private readonly KeeperSession _session;
    private readonly Chroot _chroot;
    private readonly IReadOnlyList<KeeperAcl> _acl;
    private readonly IReadOnlyList<KeeperAcl> _rootAcl;

    private KeeperClient(Host host, Lane lane, KeeperSettings settings)
    {
        _session = new KeeperSession(host, lane, settings);
        _chroot = new Chroot(settings.Connect.Chroot);
        _acl = settings.Acl ?? KeeperAcl.Open;
        _rootAcl = settings.ShownAcl ?? KeeperAcl.Open;
    }

    /// <summary>How the client stands.</summary>
    public KeeperState State => _session.State;

    /// <summary>The session; 0 before there is one.</summary>
    public long SessionId => _session.Id;

    /// <summary>How long the session outlives the last word of the client, as the servers have it.</summary>
    public TimeSpan SessionTimeout => _session.Timeout;

    /// <summary>When the newest request that was answered had been sent, as a timestamp of the host's clock: until then
    /// and for <see cref="SessionTimeout"/> after it no server ends the session.</summary>
    public long LastContact => _session.LastContact;

    /// <summary>Begins to look for a server. On the lane.</summary>
    /// <param name="host">The machine.</param>
    /// <param name="lane">The lane that owns the client.</param>
    /// <param name="settings">Where the ensemble is.</param>
    /// <param name="changed">Told whenever <see cref="State"/> changes.</param>
    public static KeeperClient Start(
        Host host, Lane lane, KeeperSettings settings, Action<KeeperState>? changed = null)
    {
        var client = new KeeperClient(host, lane, settings);
        if (changed is not null)
            client._session.Changed = changed;
        client._session.Start();
        return client;
    }

    /// <summary>Makes the node that the connect string names as the root, and those above it, where they are not
    /// there.</summary>
    public async Task<KeeperError> MakeRootAsync()
    {
        var whole = _chroot.Prefix;
        for (var slash = whole.IndexOf('/', Math.Min(1, whole.Length)); whole.Length > 0;)
        {
            var part = new CreateChange(slash < 0 ? whole : whole[..slash], default, NodeKind.Persistent, _rootAcl);
            var made = await AskAsync(
                KeeperOp.Create, part.Path, part.WriteRest, static (ref r) => r.ReadString());
            if (slash < 0 || made.Error is not (KeeperError.None or KeeperError.NodeExists))
                return made.Error == KeeperError.NodeExists ? KeeperError.None : made.Error;
            slash = whole.IndexOf('/', slash + 1);
        }

        return KeeperError.None;
    }

    /// <summary>Makes a node.</summary>
    /// <param name="path">Its path; a sequential one gets ten digits behind it.</param>
    /// <param name="data">What it holds.</param>
    /// <param name="kind">How long it stays.</param>
    /// <param name="acl">Who may do what; null for what the settings say.</param>
    /// <param name="ttl">The time to live, where the kind has one.</param>
    public Task<KeeperAnswer<CreatedNode>> CreateAsync(
        string path, ReadOnlyMemory<byte> data, NodeKind kind = NodeKind.Persistent,
        IReadOnlyList<KeeperAcl>? acl = null, TimeSpan ttl = default)
    {
        // The prefix of a sequential node may end with a slash.
        Hold(kind.IsSequential() ? path + "0" : path);
        var change = new CreateChange(_chroot.Whole(path), data, kind, acl ?? _acl) { Ttl = ttl };
        return AskAsync(
            kind.Operation(), change.Path, change.WriteRest,
            (ref r) => new CreatedNode(_chroot.Strip(r.ReadString()), NodeStat.Read(ref r)));
    }

    /// <summary>Removes a node.</summary>
    /// <param name="path">The node, which must have no children.</param>
    /// <param name="version">The version it has to have; -1 for any.</param>
    public async Task<KeeperError> DeleteAsync(string path, int version = -1)
    {
        Hold(path);
        var answer = await AskAsync(
            KeeperOp.Delete, _chroot.Whole(path), w => w.WriteInt32(version), static (ref _) => true);
        return answer.Error;
    }

    /// <summary>Asks whether a node is there.</summary>
    /// <param name="path">The node.</param>
    /// <param name="watch">Told once when it is made, written or removed; null for nobody.</param>
    public Task<KeeperAnswer<NodeStat>> ExistsAsync(string path, Action<WatchEvent>? watch = null)
    {
        var whole = Watched(path, watch, out var told);
        return AskAsync(
            KeeperOp.Exists, whole, w => w.WriteBool(told is not null), NodeStat.Read,
            answer =>
            {
                if (told is not null && answer.IsOk)
                    _session.Watches.OnData(whole, told);
                else if (told is not null && answer.Error == KeeperError.NoNode)
                    _session.Watches.OnExists(whole, told);
            });
    }

    /// <summary>Reads a node.</summary>
    /// <param name="path">The node.</param>
    /// <param name="watch">Told once when it is written or removed; null for nobody.</param>
    public Task<KeeperAnswer<NodeData>> GetDataAsync(string path, Action<WatchEvent>? watch = null)
    {
        var whole = Watched(path, watch, out var told);
        return AskAsync(
            KeeperOp.GetData, whole, w => w.WriteBool(told is not null),
            static (ref r) => new NodeData(r.ReadBytes(), NodeStat.Read(ref r)),
            answer =>
            {
                if (told is not null && answer.IsOk)
                    _session.Watches.OnData(whole, told);
            });
    }

    /// <summary>Writes a node.</summary>
    /// <param name="path">The node.</param>
    /// <param name="data">What it is to hold.</param>
    /// <param name="version">The version it has to have; -1 for any.</param>
    public Task<KeeperAnswer<NodeStat>> SetDataAsync(string path, ReadOnlyMemory<byte> data, int version = -1)
    {
        Hold(path);
        var change = new SetDataChange(_chroot.Whole(path), data, version);
        return AskAsync(KeeperOp.SetData, change.Path, change.WriteRest, NodeStat.Read);
    }

    /// <summary>Lists the children of a node.</summary>
    /// <param name="path">The node.</param>
    /// <param name="watch">Told once when children come or go, or the node is removed; null for nobody.</param>
    public Task<KeeperAnswer<NodeChildren>> GetChildrenAsync(string path, Action<WatchEvent>? watch = null)
    {
        var whole = Watched(path, watch, out var told);
        return AskAsync(
            KeeperOp.GetChildren2, whole, w => w.WriteBool(told is not null),
            static (ref r) => new NodeChildren(r.ReadStrings(), NodeStat.Read(ref r)),
            answer =>
            {
                if (told is not null && answer.IsOk)
                    _session.Watches.OnChildren(whole, told);
            });
    }

    /// <summary>Reads who may do what with a node.</summary>
    public Task<KeeperAnswer<NodeAcl>> GetAclAsync(string path)
    {
        Hold(path);
        return AskAsync(
            KeeperOp.GetAcl, _chroot.Whole(path), static _ => { },
            static (ref r) => new NodeAcl(KeeperAcl.Read(ref r), NodeStat.Read(ref r)));
    }

    /// <summary>Says who may do what with a node.</summary>
    /// <param name="path">The node.</param>
    /// <param name="acl">Who may do what.</param>
    /// <param name="version">The version its list has to have; -1 for any.</param>
    public Task<KeeperAnswer<NodeStat>> SetAclAsync(string path, IReadOnlyList<KeeperAcl> acl, int version = -1)
    {
        Hold(path);
        return AskAsync(
            KeeperOp.SetAcl, _chroot.Whole(path),
            w =>
            {
                KeeperAcl.Write(w, acl);
                w.WriteInt32(version);
            },
            NodeStat.Read);
    }

    /// <summary>Has the server catch up with its leader: what is read next is no older than this.</summary>
    public async Task<KeeperError> SyncAsync(string path)
    {
        Hold(path);
        var answer = await AskAsync(
            KeeperOp.Sync, _chroot.Whole(path), static _ => { }, static (ref r) => r.ReadString());
        return answer.Error;
    }

    /// <summary>Says who the client is, now and to each server to come. Only servers refuse, by ending the connection:
    /// <c>digest</c> is always believed.</summary>
    public async Task<KeeperError> AuthenticateAsync(KeeperCredentials credentials) =>
        (await _session.AuthenticateAsync(credentials)).Error;

    /// <summary>Ends the session, and with it its ephemeral nodes.</summary>
    public ValueTask DisposeAsync() => _session.DisposeAsync();

    private Task<KeeperAnswer<T>> AskAsync<T>(
        KeeperOp operation, string whole, Action<JuteWriter> write, ReadBody<T> read,
        Action<KeeperAnswer<T>>? answered = null) =>
        AskAsync(
            operation,
            w =>
            {
                w.WriteString(whole);
                write(w);
            },
            read, answered);

    private Task<KeeperAnswer<T>> AskAsync<T>(
        KeeperOp operation, Action<JuteWriter> write, ReadBody<T> read, Action<KeeperAnswer<T>>? answered = null)
    {
        var w = new JuteWriter();
        var xid = _session.NextXid();
        w.WriteInt32(xid);
        w.WriteInt32((int)operation);
        write(w);
        var request = new PendingRequest<T>(xid, w.ToFrame(), read, answered);
        _session.Send(request);
        return request.Task;
    }

    private string Watched(string path, Action<WatchEvent>? watch, out Action<WatchEvent>? told)
    {
        Hold(path);
        told = watch is null ? null : happened => watch(happened with { Path = _chroot.Strip(happened.Path) });
        return _chroot.Whole(path);
    }

    private static void Hold(string path) => Invariant.Holds(KeeperPath.IsValid(path), $"'{path}' is a path");
}
