using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Barnabas.Tests.Ensemble;

/// <summary>A process of Debian's ZooKeeper on a port of the loopback.</summary>
internal sealed class ZooKeeperServer : IDisposable
{
    private const string Jar = "/usr/share/java/zookeeper.jar";

    // What its jar does not name itself of what TLS needs.
    private const string Jars = $"{Jar}:/usr/share/java/netty-codec.jar:/usr/share/java/netty-resolver.jar";
    private static readonly TimeSpan StartWait = TimeSpan.FromSeconds(90);
    private readonly string _directory;
    private Process? _process;

    /// <summary>A server that is not running yet.</summary>
    /// <param name="directory">Where it keeps its files.</param>
    /// <param name="port">Where clients find it.</param>
    /// <param name="ensemble">The lines of its configuration that name the ensemble; empty for one alone.</param>
    /// <param name="id">Its number in the ensemble.</param>
    public ZooKeeperServer(string directory, int port, string ensemble = "", int id = 1)
    {
        (_directory, Port) = (directory, port);
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "myid"), id.ToString(CultureInfo.InvariantCulture));
        File.WriteAllText(Path.Combine(directory, "zoo.cfg"), string.Create(CultureInfo.InvariantCulture, $"""
            tickTime=200
            dataDir={directory}
            clientPortAddress=127.0.0.1
            clientPort={port}
            initLimit=50
            syncLimit=25
            minSessionTimeout=400
            admin.enableServer=false
            4lw.commands.whitelist=srvr
            authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider
            {ensemble}
            """));
        File.WriteAllText(Path.Combine(directory, "jaas.conf"), """
            Server {
                org.apache.zookeeper.server.auth.DigestLoginModule required user_bob="secret";
            };
            """);
    }

    /// <summary>Where clients find it.</summary>
    public int Port { get; }

    /// <summary>A port that nobody listens at.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts the process.</summary>
    public void Start()
    {
        Assert.True(File.Exists(Jar), $"{Jar} is missing: eng/install.sh installs ZooKeeper");
        var java = new ProcessStartInfo("java")
        {
            WorkingDirectory = _directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments =
        [
            "-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dzookeeper.extendedTypesEnabled=true",
            $"-Djava.security.auth.login.config={Path.Combine(_directory, "jaas.conf")}", "-cp", Jars,
            "org.apache.zookeeper.server.quorum.QuorumPeerMain", "zoo.cfg",
        ];
        foreach (var argument in arguments)
            java.ArgumentList.Add(argument);
        _process = Process.Start(java) ?? throw new InvalidOperationException("java does not start");
        _process.OutputDataReceived += static (_, _) => { };
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Completes when it serves clients, alone or as a part of its ensemble.</summary>
    public async Task ServesAsync()
    {
        for (var since = Stopwatch.StartNew(); since.Elapsed < StartWait;)
        {
            if ((await AskAsync()).Contains("Mode:", StringComparison.Ordinal))
                return;
            await Task.Delay(100);
        }

        Assert.Fail($"the server at {Port} does not serve within {StartWait}");
    }

    /// <summary>Ends the process at once (kill -9).</summary>
    public void Kill()
    {
        _process?.Kill();
        _process?.WaitForExit();
        _process?.Dispose();
        _process = null;
    }

    /// <inheritdoc/>
    public void Dispose() => Kill();

    private async Task<string> AskAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port);
            await client.GetStream().WriteAsync("srvr"u8.ToArray());
            using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
            return await reader.ReadToEndAsync();
        }
        catch (Exception fault) when (fault is IOException or SocketException)
        {
            return "";
        }
    }
}
