using Barnabas.Rpc;
using Barnabas.Wire;
using Microsoft.Extensions.Logging;

namespace Barnabas.Client;

/// <summary>The client's connections: one a broker and use. Owned by the client's lane.</summary>
/// <remarks>Fetches wait at the broker, and answers keep their order: they must not stand in front of other requests,
/// so each reader has connections of its own.</remarks>
internal sealed partial class ConnectionPool : IAsyncDisposable
{
    private readonly Dictionary<(string Address, int Use), Slot> _slots = [];
    private readonly ClientCore _core;
    private readonly ILogger _log;
    private readonly ITimer _idle;
    private bool _watching;
    private bool _disposed;
    private int _uses;

    public ConnectionPool(ClientCore core)
    {
        _core = core;
        _log = core.Host.Log.CreateLogger("Barnabas.Client.Connections");
        _idle = core.Host.Time.CreateTimer(
            _ => core.Lane.Post(CloseIdle), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A number for a new use.</summary>
    public int NewUse() => ++_uses;

    /// <summary>True when the address has a connection, or may be dialled without a pause.</summary>
    public bool IsReady(BrokerAddress address, int use) =>
        !_slots.TryGetValue((address.ToString(), use), out var slot) || slot.Peer is { IsLost: false }
            || slot.NotBefore <= _core.Host.Time.GetTimestamp();

    /// <summary>The requests under way to an address; 0 without a connection.</summary>
    public int? Load(BrokerAddress address, int use) => Standing(address, use)?.Outstanding;

    /// <summary>The connection that stands; null when there is none.</summary>
    public Peer? Standing(BrokerAddress address, int use) =>
        _slots.TryGetValue((address.ToString(), use), out var slot) && slot.Peer is { IsLost: false } peer
            ? peer
            : null;

    /// <summary>A connection; dialled if there is none, after a pause if that has just failed.</summary>
    /// <exception cref="IOException">It cannot be had.</exception>
    public async Task<Peer> GetAsync(BrokerAddress address, int use)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(KafkaClient));
        var key = (address.ToString(), use);
        if (!_slots.TryGetValue(key, out var slot))
            _slots[key] = slot = new Slot();
        if (slot.Peer is { IsLost: false } standing)
            return standing;
        if (slot.Dialling is null or { IsCompleted: true })
            slot.Dialling = DialAsync(address, slot);
        return await slot.Dialling;
    }

    /// <summary>Closes the connections of one use.</summary>
    public async Task CloseAsync(int use)
    {
        foreach (var key in _slots.Keys.Where(k => k.Use == use).ToList())
        {
            if (_slots.Remove(key, out var slot) && slot.Peer is { } peer)
                await peer.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        await _idle.DisposeAsync();
        var slots = _slots.Values.ToList();
        _slots.Clear();
        foreach (var slot in slots)
        {
            if (slot.Peer is { } peer)
                await peer.DisposeAsync();
        }
    }

    private async Task<Peer> DialAsync(BrokerAddress address, Slot slot)
    {
        try
        {
            var wait = _core.Host.Time.GetElapsedTime(_core.Host.Time.GetTimestamp(), slot.NotBefore);
            if (slot.NotBefore != 0 && wait > TimeSpan.Zero)
                await _core.DelayAsync(wait);
            var peer = await Peer.DialAsync(_core.Host, address.Host, address.Port, _core.PeerOptions);
            if (_disposed)
            {
                await peer.DisposeAsync();
                throw new PeerLostException("the client was closed", false, false);
            }

            (slot.Peer, slot.Failures, slot.NotBefore) = (peer, 0, 0);
            Watch();
            return peer;
        }
        catch (MalformedFrameException fault)
        {
            Failed(address, slot, fault);
            throw new PeerLostException($"{address} does not speak the protocol: {fault.Message}", false, false, fault);
        }
        catch (IOException fault)
        {
            Failed(address, slot, fault);
            throw;
        }
    }

    private void Failed(BrokerAddress address, Slot slot, Exception fault)
    {
        var pause = Backoff.After(
            slot.Failures++, _core.Options.ReconnectBackoff, _core.Options.ReconnectBackoffMax, _core.Host.Random);
        slot.NotBefore = Deadline.In(_core.Host.Time, pause).At;
        LogFailed(address, fault.Message);
    }

    private void Watch()
    {
        if (_watching)
            return;
        _watching = true;
        _idle.Change(_core.Options.MaxIdle / 2, Timeout.InfiniteTimeSpan);
    }

    private void CloseIdle()
    {
        _watching = false;
        if (_disposed)
            return;
        foreach (var (key, slot) in _slots.ToList())
        {
            if (slot.Peer is not { } peer)
                continue;
            var isIdle = peer.Outstanding == 0
                && _core.Host.Time.GetElapsedTime(peer.LastUsed) > _core.Options.MaxIdle;
            if (!isIdle && !peer.IsLost)
                continue;
            _slots.Remove(key);
            _ = _core.Guard(peer.DisposeAsync().AsTask());
        }

        if (_slots.Values.Any(s => s.Peer is not null))
            Watch();
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "no connection to {Address}: {Reason}")]
    private partial void LogFailed(BrokerAddress address, string reason);

    private sealed class Slot
    {
        public Peer? Peer;
        public Task<Peer>? Dialling;
        public int Failures;
        public long NotBefore;
    }
}
