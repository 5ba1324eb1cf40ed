using System.Net;
using Barnabas.Base;

namespace Barnabas.Tests.Ensemble;

/// <summary>The machine's network, which can be cut off from a client.</summary>
internal sealed class CutNetwork(INetwork inner) : INetwork
{
    private readonly List<IConnection> _connections = [];
    private bool _isCut;

    public IListener Listen(IPEndPoint at, ListenSettings? settings = null) => inner.Listen(at, settings);

    public ValueTask<IPAddress[]> ResolveAsync(string host, CancellationToken stop) => inner.ResolveAsync(host, stop);

    public async ValueTask<IConnection> DialAsync(string host, int port, CancellationToken stop)
    {
        var connection = await inner.DialAsync(host, port, stop);
        lock (_connections)
        {
            if (_isCut)
            {
                connection.Abort();
                throw new IOException("cut off");
            }

            _connections.Add(connection);
        }

        return connection;
    }

    public ValueTask<IConnection> EncryptAsync(
        IConnection dialled, TlsSettings settings, string name, CancellationToken stop) =>
        inner.EncryptAsync(dialled, settings, name, stop);

    /// <summary>Ends all connections, and lets none be made until it is joined again.</summary>
    public void Cut()
    {
        lock (_connections)
        {
            _isCut = true;
            foreach (var connection in _connections)
                connection.Abort();
            _connections.Clear();
        }
    }

    public void Join()
    {
        lock (_connections)
            _isCut = false;
    }
}
