using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Barnabas.Tests.Nemesis.Place;

namespace Barnabas.Tests.Nemesis.Servers;

/// <summary>A server of the ensemble: Debian's ZooKeeper.</summary>
internal sealed class ZooKeeperMember : ServerProcess
{
    private const string Jars = "/usr/share/java/zookeeper.jar";
    private const int ClientPort = 2181;

    /// <summary>A server that is not running yet.</summary>
    /// <param name="site">Where it stands.</param>
    /// <param name="node">Its name.</param>
    /// <param name="home">Where it keeps its files.</param>
    /// <param name="members">All of the ensemble; it is one of them.</param>
    /// <exception cref="PlaceException">ZooKeeper is not installed.</exception>
    public ZooKeeperMember(Site site, string node, string home, IReadOnlyList<string> members)
        : base(site, node, home)
    {
        if (!File.Exists(Jars))
            throw new PlaceException($"{Jars} is missing: eng/install.sh installs ZooKeeper");
        Directory.CreateDirectory(home);
        var ids = Enumerable.Range(1, members.Count).ToList();
        var self = 1 + members.ToList().IndexOf(node);
        File.WriteAllText(Path.Combine(home, "myid"), self.ToString(CultureInfo.InvariantCulture));
        File.WriteAllText(Path.Combine(home, "zoo.cfg"), string.Create(CultureInfo.InvariantCulture, $"""
            tickTime=500
            dataDir={home}
            clientPortAddress={site.AddressOf(node)}
            clientPort={ClientPort}
            initLimit=20
            syncLimit=8
            minSessionTimeout=1000
            maxSessionTimeout=60000
            maxClientCnxns=0
            admin.enableServer=false
            4lw.commands.whitelist=srvr
            autopurge.purgeInterval=0
            {string.Join('\n', ids.Select(id => $"server.{id}={site.AddressOf(members[id - 1])}:2888:3888"))}
            """));
        Address = $"{site.AddressOf(node)}:{ClientPort}";
    }

    /// <summary>Where clients find it.</summary>
    public string Address { get; }

    /// <inheritdoc/>
    protected override IEnumerable<string> Command =>
    [
        "java", "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dzookeeper.extendedTypesEnabled=true",
        "-cp", Jars, "org.apache.zookeeper.server.quorum.QuorumPeerMain", "zoo.cfg",
    ];

    /// <summary>Whether it serves, as a part of its ensemble.</summary>
    public async Task<bool> ServesAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(3));
            using var client = new TcpClient();
            await client.ConnectAsync(Site.AddressOf(Node), ClientPort, limit.Token);
            await client.GetStream().WriteAsync("srvr"u8.ToArray(), limit.Token);
            using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
            return (await reader.ReadToEndAsync(limit.Token)).Contains("Mode:", StringComparison.Ordinal);
        }
        catch (Exception fault) when (fault is IOException or SocketException or OperationCanceledException)
        {
            return false;
        }
    }
}
