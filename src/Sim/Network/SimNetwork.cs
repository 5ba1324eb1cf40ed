using System.Net;
using Barnabas.Base;

namespace Barnabas.Sim;

/// <summary>Connections of memory: bytes keep their order, take time to arrive, and arrive in pieces that
/// chance cuts.</summary>
/// <remarks>A host's name is its address as text; <c>localhost</c> is 127.0.0.1.</remarks>
public sealed class SimNetwork : INetwork
{
    private const int FirstFreePort = 20000;

    // As Linux does: a SYN is repeated after 1, 2, 4, ... seconds, six times.
    private static readonly TimeSpan FirstRepetition = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastRepetition = TimeSpan.FromSeconds(64);
    private readonly World _world;
    private readonly Dictionary<IPEndPoint, SimListener> _listeners = [];
    private readonly Dictionary<(IPAddress From, IPAddress To), SimRoute> _routes = [];
    private int _nextPort = FirstFreePort;

    internal SimNetwork(World world) => _world = world;

    /// <summary>The longest that a piece of bytes is under way.</summary>
    public TimeSpan Latency { get; set; } = TimeSpan.FromMicroseconds(200);

    /// <summary>The most bytes that a connection takes each way before the other end has received
    /// them.</summary>
    public int Window { get; set; } = 256 * 1024;

    /// <summary>The most bytes that one receive gives; small numbers make every frame come in
    /// pieces.</summary>
    public int MostAtOnce { get; set; } = 64 * 1024;

    /// <inheritdoc/>
    public IListener Listen(IPEndPoint at, ListenSettings? settings = null) => ListenAt(at);

    /// <inheritdoc/>
    public ValueTask<IPAddress[]> ResolveAsync(string host, CancellationToken stop) =>
        new([host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(host)]);

    /// <inheritdoc/>
    public ValueTask<IConnection> DialAsync(string host, int port, CancellationToken stop) =>
        DialAsync(IPAddress.Loopback, host, port, stop);

    /// <inheritdoc/>
    /// <remarks>Nobody listens in, and the runtime's TLS would leave the lanes of the world: bytes go as they
    /// are.</remarks>
    public ValueTask<IConnection> EncryptAsync(
        IConnection dialled, TlsSettings settings, string name, CancellationToken stop) => new(dialled);

    /// <summary>The network as the host of that address has it: what it dials comes from there.</summary>
    public INetwork At(IPAddress address) => new Place(this, address);

    /// <summary>The way from one address to another, for harm to come to it.</summary>
    public SimRoute Route(IPAddress from, IPAddress to)
    {
        if (!_routes.TryGetValue((from, to), out var route))
            _routes.Add((from, to), route = new SimRoute(_world, from, to));
        return route;
    }

    /// <summary>Cuts the ways between two addresses, both of them.</summary>
    public void Cut(IPAddress one, IPAddress other)
    {
        Route(one, other).Cut();
        Route(other, one).Cut();
    }

    /// <summary>Ends all harm that came to any route.</summary>
    public void Heal()
    {
        foreach (var route in _routes.Values)
            route.Heal();
    }

    /// <summary>As <see cref="Listen"/>.</summary>
    internal SimListener ListenAt(IPEndPoint at)
    {
        var local = new IPEndPoint(at.Address, at.Port == 0 ? _nextPort++ : at.Port);
        if (Find(local) is not null)
            throw new IOException($"cannot listen at {local}: address already in use");
        return _listeners[local] = new SimListener(local, () => _listeners.Remove(local));
    }

    internal async ValueTask<IConnection> DialAsync(
        IPAddress from, string host, int port, CancellationToken stop)
    {
        await Task.Delay(_world.Delay(Latency), _world, stop);
        var address = (await ResolveAsync(host, stop))[0];
        await CrossAsync(Route(from, address), Route(address, from), stop);
        var to = new IPEndPoint(address, port);
        if (Find(to) is not { } listener)
            throw new IOException($"cannot connect to {to}: connection refused");
        var (here, there) = SimConnection.Pair(_world, this, new IPEndPoint(from, _nextPort++), to);
        listener.Offer(there);
        return here;
    }

    private async Task CrossAsync(SimRoute there, SimRoute back, CancellationToken stop)
    {
        for (var wait = FirstRepetition; there.IsCut || back.IsCut; wait *= 2)
        {
            if (wait > LastRepetition)
                throw new IOException($"cannot connect to {there.To}: connection timed out");
            await Task.Delay(wait, _world, stop);
        }

        var late = there.Arrival(back.Delay) - _world.GetTimestamp();
        if (late > 0)
            await Task.Delay(TimeSpan.FromTicks(late), _world, stop);
    }

    private SimListener? Find(IPEndPoint at)
    {
        if (_listeners.TryGetValue(at, out var exact))
            return exact;
        return _listeners.GetValueOrDefault(new IPEndPoint(IPAddress.Any, at.Port))
            ?? _listeners.GetValueOrDefault(new IPEndPoint(IPAddress.IPv6Any, at.Port));
    }

    private sealed class Place(SimNetwork network, IPAddress address) : INetwork
    {
        public ValueTask<IPAddress[]> ResolveAsync(string host, CancellationToken stop) =>
            network.ResolveAsync(host, stop);

        public IListener Listen(IPEndPoint at, ListenSettings? settings = null) =>
            network.ListenAt(at.Address.Equals(IPAddress.Any) ? new IPEndPoint(address, at.Port) : at);

        public ValueTask<IConnection> DialAsync(string host, int port, CancellationToken stop) =>
            network.DialAsync(address, host, port, stop);

        public ValueTask<IConnection> EncryptAsync(
            IConnection dialled, TlsSettings settings, string name, CancellationToken stop) =>
            network.EncryptAsync(dialled, settings, name, stop);
    }
}
