using System.Globalization;

namespace Barnabas.Tests.Ensemble;

/// <summary>An ensemble of processes, which ends with the tests that share it.</summary>
public abstract class Servers : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("barnabas-zookeeper-").FullName;
    private readonly ZooKeeperServer[] _servers;

    /// <summary>An ensemble of as many.</summary>
    protected Servers(int count)
    {
        var ensemble = count == 1 ? "" : string.Join('\n', Enumerable.Range(1, count).Select(static id => string.Create(
            CultureInfo.InvariantCulture,
            $"server.{id}=127.0.0.1:{ZooKeeperServer.FreePort()}:{ZooKeeperServer.FreePort()}")));
        _servers =
        [
            .. Enumerable.Range(1, count).Select(id => new ZooKeeperServer(
                Path.Combine(_directory, $"{id}"), ZooKeeperServer.FreePort(), ensemble, id)),
        ];
    }

    /// <summary>Where they are, as a connect string has it.</summary>
    public string Addresses => string.Join(',', _servers.Select(static server => $"127.0.0.1:{server.Port}"));

    /// <summary>The servers.</summary>
    internal IReadOnlyList<ZooKeeperServer> All => _servers;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        foreach (var server in _servers)
            server.Start();
        foreach (var server in _servers)
            await server.ServesAsync();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            server.Dispose();
        Directory.Delete(_directory, recursive: true);
        GC.SuppressFinalize(this);
        return default;
    }
}

/// <summary>One server.</summary>
public sealed class OneServer() : Servers(1);

/// <summary>Three servers.</summary>
public sealed class ThreeServers() : Servers(3);
