using System.Net;
using Barnabas.Base;

namespace Barnabas.Sim;

/// <summary>One end of a simulated connection.</summary>
internal sealed class SimConnection : IConnection
{
    private readonly World _world;
    private readonly SimNetwork _network;
    private readonly SimRoute _route;
    private readonly LinkedListNode<SimConnection> _place;
    private readonly Queue<Action> _sent = new();
    private readonly Queue<Action> _held = new();
    private readonly Queue<byte[]> _underWay = new();
    private readonly Queue<byte[]> _arrived = new();
    private ReadOnlyMemory<byte> _chunk;
    private SimConnection? _peer;
    private TaskCompletionSource? _receiver;
    private TaskCompletionSource? _sender;
    private long _lastDue;
    private int _unread;
    private bool _finished;
    private bool _broken;

    private SimConnection(World world, SimNetwork network, IPEndPoint local, IPEndPoint remote)
    {
        (_world, _network, Local, Remote) = (world, network, local, remote);
        _route = network.Route(local.Address, remote.Address);
        _place = _route.Add(this);
    }

    /// <inheritdoc/>
    public IPEndPoint Local { get; }

    /// <inheritdoc/>
    public IPEndPoint Remote { get; }

    /// <summary>True where something arrived at a cut and waits there.</summary>
    internal bool IsHeldUp => _held.Count > 0;

    private bool HasArrived => !_chunk.IsEmpty || _arrived.Count > 0;

    /// <inheritdoc/>
    public async ValueTask<int> ReceiveAsync(Memory<byte> into)
    {
        Invariant.Holds(_receiver is null, "one receive at a time");
        while (!HasArrived && !_broken && !_finished)
        {
            _receiver = new TaskCompletionSource();
            await _receiver.Task;
        }

        if (_broken)
            throw new IOException("the connection was reset");
        if (!HasArrived || into.Length == 0)
            return 0;
        return Take(into);
    }

    /// <inheritdoc/>
    public async ValueTask SendAsync(IReadOnlyList<ReadOnlyMemory<byte>> buffers, bool more = false)
    {
        foreach (var buffer in buffers)
            await SendAsync(buffer);
    }

    /// <inheritdoc/>
    public async ValueTask SendFileAsync(FileSlice slice, bool more = false)
    {
        var bytes = new byte[slice.Length];
        if (slice.File.Read(slice.Position, bytes) < bytes.Length)
            throw new IOException($"{slice.File.Path} ends before the stretch to be sent");
        await SendAsync(bytes);
    }

    /// <inheritdoc/>
    public void Abort()
    {
        if (_broken)
            return;
        Break();
        if (_peer is { } peer)
            Deliver(peer.BreakForGood);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (_broken)
            return default;
        Break();
        if (_peer is { } peer)
            Deliver(peer.Finish);
        return default;
    }

    /// <summary>The two ends of a new connection.</summary>
    internal static (SimConnection Here, SimConnection There) Pair(
        World world, SimNetwork network, IPEndPoint here, IPEndPoint there)
    {
        var a = new SimConnection(world, network, here, there);
        var b = new SimConnection(world, network, there, here);
        (a._peer, b._peer) = (b, a);
        return (a, b);
    }

    /// <summary>Resets it at both ends, at once.</summary>
    internal void Sever()
    {
        BreakForGood();
        _peer?.BreakForGood();
    }

    /// <summary>The route is whole again: what waited at the cut arrives.</summary>
    internal void LandHeld()
    {
        while (!_route.IsCut && _held.TryDequeue(out var arrive))
            arrive();
        LeaveRouteOnceDone();
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        Invariant.Holds(_sender is null, "one send at a time");
        var peer = _peer ?? throw new IOException("the connection was never opened");
        while (bytes.Length > 0)
        {
            while (!_broken && !peer._broken && peer._unread >= _network.Window)
            {
                _sender = new TaskCompletionSource();
                await _sender.Task;
            }

            if (_broken || peer._broken)
                throw new IOException("the connection was reset");
            var part = bytes[..Math.Min(bytes.Length, _network.Window - peer._unread)];
            peer._unread += part.Length;
            peer._underWay.Enqueue(part.ToArray());
            Deliver(peer.Arrive);
            bytes = bytes[part.Length..];
        }
    }

    // What is sent earlier never arrives later: the agenda may swap steps of one instant, so instants differ.
    private void Deliver(Action arrive)
    {
        _lastDue = Math.Max(_lastDue + 1, _route.Arrival(_world.Delay(_network.Latency)));
        _sent.Enqueue(arrive);
        _world.Schedule(
            TimeSpan.FromTicks(_lastDue - _world.GetTimestamp()), null, static c => ((SimConnection)c!).Land(), this);
    }

    private void Land()
    {
        var arrive = _sent.Dequeue();
        if (_route.IsCut || _held.Count > 0)
            _held.Enqueue(arrive);
        else
            arrive();
        LeaveRouteOnceDone();
    }

    private void LeaveRouteOnceDone()
    {
        if (_broken && _sent.Count == 0 && _held.Count == 0 && _place.List is not null)
            _route.Remove(_place);
    }

    private int Take(Memory<byte> into)
    {
        if (_chunk.IsEmpty)
            _chunk = _arrived.Dequeue();
        var most = Math.Min(Math.Min(_chunk.Length, into.Length), _network.MostAtOnce);
        var count = most > 1 && _world.Draw(4) == 0 ? 1 + _world.Draw(most) : most;
        _chunk[..count].CopyTo(into);
        _chunk = _chunk[count..];
        _unread -= count;
        if (_peer is { } peer)
            Wake(ref peer._sender);
        return count;
    }

    private void Arrive()
    {
        _arrived.Enqueue(_underWay.Dequeue());
        Wake(ref _receiver);
    }

    private void Finish()
    {
        _finished = true;
        Wake(ref _receiver);
    }

    private void Break()
    {
        _broken = true;
        _chunk = default;
        _arrived.Clear();
        Wake(ref _receiver);
        Wake(ref _sender);
        if (_peer is { } peer)
            Wake(ref peer._sender);
    }

    private void BreakForGood()
    {
        Break();
        LeaveRouteOnceDone();
    }

    // Off the lane, as completions of real sockets come: or what waits would go on within whoever wakes it.
    private static void Wake(ref TaskCompletionSource? waiter)
    {
        var lane = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        Interlocked.Exchange(ref waiter, null)?.SetResult();
        SynchronizationContext.SetSynchronizationContext(lane);
    }
}
