using System.Net;
using Barnabas.Base;

namespace Barnabas.Sim;

/// <summary>A simulated bound address.</summary>
internal sealed class SimListener(IPEndPoint local, Action unbind) : IListener
{
    private readonly Queue<IConnection> _arrived = new();
    private TaskCompletionSource<IConnection?>? _waiting;
    private bool _closed;

    /// <inheritdoc/>
    public IPEndPoint Local => local;

    /// <inheritdoc/>
    public ValueTask<IConnection?> AcceptAsync()
    {
        if (_arrived.TryDequeue(out var arrived))
            return new(arrived);
        if (_closed)
            return new((IConnection?)null);
        _waiting = new TaskCompletionSource<IConnection?>();
        return new(_waiting.Task);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Unbind();
        return default;
    }

    /// <summary>The address is free again; who waits for a connection gets none.</summary>
    internal void Unbind()
    {
        if (_closed)
            return;
        _closed = true;
        unbind();
        foreach (var arrived in _arrived)
            arrived.Abort();
        _arrived.Clear();
        Interlocked.Exchange(ref _waiting, null)?.SetResult(null);
    }

    /// <summary>Somebody has dialled.</summary>
    internal void Offer(IConnection connection)
    {
        if (Interlocked.Exchange(ref _waiting, null) is { } waiting)
            waiting.SetResult(connection);
        else
            _arrived.Enqueue(connection);
    }
}
