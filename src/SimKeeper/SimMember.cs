using System.Net;
using Barnabas.Base;
using Barnabas.Keeper;

namespace Barnabas.SimKeeper;

/// <summary>One server of a simulated ensemble. On the ensemble's lane.</summary>
public sealed class SimMember
{
    private readonly SimEnsemble _ensemble;
    private readonly Host _host;
    private readonly List<MemberConnection> _connections = [];
    private readonly Dictionary<long, TaskCompletionSource<IReadOnlyList<ChangeResult>>> _awaited = [];
    private IListener? _listener;
    private TaskCompletionSource? _paused;
    private bool _catchingUp;

    internal SimMember(SimEnsemble ensemble, Host host, IPEndPoint at)
    {
        (_ensemble, _host, At) = (ensemble, host, at);
        Start();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint At { get; private set; }

    /// <summary>How many clients are connected.</summary>
    public int Connections => _connections.Count;

    /// <summary>How many connections were ever taken.</summary>
    public int Taken { get; private set; }

    internal KeeperTree Tree { get; } = new();

    /// <summary>Listens again.</summary>
    public void Start()
    {
        if (_listener is not null)
            return;
        _listener = _host.Network.Listen(At);
        At = _listener.Local;
        var listener = _listener;
        _ensemble.Lane.Post(() => _ = AcceptAsync(listener));
    }

    /// <summary>Stops listening, and ends every connection. What it knows it knows again when it starts.</summary>
    public void Stop()
    {
        if (_listener is { } listener)
            _ = listener.DisposeAsync().AsTask();
        _listener = null;
        Drop();
    }

    /// <summary>Ends every connection.</summary>
    public void Drop()
    {
        foreach (var connection in _connections.ToArray())
            connection.Abort();
    }

    /// <summary>Neither applies nor answers anything until it goes on.</summary>
    public void Pause() => _paused ??= new TaskCompletionSource();

    /// <summary>Goes on after a pause.</summary>
    public void GoOn()
    {
        var paused = _paused;
        _paused = null;
        paused?.SetResult();
        CatchUpSoon();
    }

    /// <summary>What a node holds, as this member has it; null where there is none.</summary>
    public ReadOnlyMemory<byte>? Read(string path) => Tree.Find(path)?.Data;

    /// <summary>The names of a node's children, in order, as this member has them.</summary>
    public IReadOnlyList<string> Children(string path) => [.. Tree.Find(path)?.Children ?? []];

    /// <summary>The session a node goes with, as this member has it; 0 for none.</summary>
    public long OwnerOf(string path) => Tree.Find(path)?.Numbers.Owner ?? 0;

    /// <summary>True where the session is served here.</summary>
    public bool Serves(long session) => _connections.Exists(one => one.Session == session);

    internal Task UnpausedAsync() => _paused?.Task ?? Task.CompletedTask;

    /// <summary>Orders a change, and gives how it ended once this member has applied it.</summary>
    internal async Task<(long Zxid, IReadOnlyList<ChangeResult> Results)> WriteAsync(
        long session, IReadOnlyList<KeeperChange> changes, Func<Transaction, Transaction>? shape = null)
    {
        await _ensemble.LagAsync();
        if (_ensemble.Find(session) is null)
            return (0, [new ChangeResult(KeeperError.SessionExpired, "", default)]);
        var applied = AppliedAsync(_ensemble.Ordered.Count + 1);
        var ordered = _ensemble.Order(session, changes, shape);
        return (ordered.Zxid, await applied);
    }

    /// <summary>Completes when all is applied that was ordered until now.</summary>
    internal async Task SyncAsync()
    {
        await _ensemble.LagAsync();
        if (_ensemble.Ordered.Count > Tree.Zxid)
            await AppliedAsync(_ensemble.Ordered.Count);
    }

    internal void CatchUpSoon()
    {
        if (!_catchingUp && _paused is null)
            _ = CatchUpAsync();
    }

    private Task<IReadOnlyList<ChangeResult>> AppliedAsync(long zxid)
    {
        if (!_awaited.TryGetValue(zxid, out var awaited))
            _awaited.Add(zxid, awaited = new TaskCompletionSource<IReadOnlyList<ChangeResult>>());
        return awaited.Task;
    }

    private async Task CatchUpAsync()
    {
        _catchingUp = true;
        while (Tree.Zxid < _ensemble.Ordered.Count && _paused is null)
        {
            await _ensemble.LagAsync();
            if (_paused is null)
                ApplyNext();
        }

        _catchingUp = false;
    }

    private void ApplyNext()
    {
        var next = _ensemble.Ordered[(int)Tree.Zxid];
        var happened = new List<WatchEvent>();
        var results = Tree.Apply(next, happened);
        foreach (var connection in _connections.ToArray())
        {
            foreach (var one in happened)
                connection.Tell(one);
            if (next.EndsSession && connection.Session == next.Session)
                connection.EndSoon();
        }

        if (_awaited.Remove(next.Zxid, out var awaited))
            awaited.SetResult(results);
    }

    private async Task AcceptAsync(IListener listener)
    {
        while (await listener.AcceptAsync() is { } connection)
        {
            Taken++;
            var serving = new MemberConnection(_ensemble, this, connection);
            _connections.Add(serving);
            _ = ServeAsync(serving);
        }
    }

    private async Task ServeAsync(MemberConnection connection)
    {
        await connection.RunAsync();
        _connections.Remove(connection);
    }
}
