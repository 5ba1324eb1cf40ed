using System.Net;
using Barnabas.Base;

namespace Barnabas.Sim;

/// <summary>The network as one process has it: what it holds is reset when it dies.</summary>
internal sealed class ProcessNetwork(SimNetwork network, IPAddress address) : INetwork
{
    private readonly List<IConnection> _connections = [];
    private readonly List<SimListener> _listeners = [];

    /// <inheritdoc/>
    public IListener Listen(IPEndPoint at, ListenSettings? settings = null)
    {
        var isAnywhere = at.Address.Equals(IPAddress.Any) && !address.Equals(IPAddress.Loopback);
        var listener = network.ListenAt(isAnywhere ? new IPEndPoint(address, at.Port) : at);
        _listeners.Add(listener);
        return new ProcessListener(listener, _connections);
    }

    /// <inheritdoc/>
    public ValueTask<IPAddress[]> ResolveAsync(string host, CancellationToken stop) =>
        network.ResolveAsync(host, stop);

    /// <inheritdoc/>
    public async ValueTask<IConnection> DialAsync(string host, int port, CancellationToken stop)
    {
        var connection = await network.DialAsync(address, host, port, stop);
        _connections.Add(connection);
        return connection;
    }

    /// <inheritdoc/>
    public ValueTask<IConnection> EncryptAsync(
        IConnection dialled, TlsSettings settings, string name, CancellationToken stop) =>
        network.EncryptAsync(dialled, settings, name, stop);

    /// <summary>The process has died: the kernel closes all it had open.</summary>
    public void Reset()
    {
        foreach (var listener in _listeners)
            listener.Unbind();
        foreach (var connection in _connections)
            connection.Abort();
    }

    private sealed class ProcessListener(IListener listener, List<IConnection> accepted) : IListener
    {
        public IPEndPoint Local => listener.Local;

        public async ValueTask<IConnection?> AcceptAsync()
        {
            var connection = await listener.AcceptAsync();
            if (connection is not null)
                accepted.Add(connection);
            return connection;
        }

        public ValueTask DisposeAsync() => listener.DisposeAsync();
    }
}
