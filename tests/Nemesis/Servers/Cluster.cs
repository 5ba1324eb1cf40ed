using System.Diagnostics;
using Barnabas.Tests.Nemesis.Place;

namespace Barnabas.Tests.Nemesis.Servers;

/// <summary>Three brokers, and the three servers of ZooKeeper that keep their metadata.</summary>
internal sealed class Cluster : IDisposable
{
    private const int Size = 3;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);
    private static readonly string[] Ensemble = [.. Enumerable.Range(1, Size).Select(static id => $"keeper{id}")];

    /// <summary>A cluster that is not running yet.</summary>
    /// <param name="site">Where it stands.</param>
    /// <param name="home">Where its files are.</param>
    /// <param name="clocks">What sets clocks; null where they cannot be set.</param>
    public Cluster(Site site, string home, string? clocks)
    {
        Site = site;
        Keepers = [.. Ensemble.Select(node => new ZooKeeperMember(site, node, Path.Combine(home, node), Ensemble))];
        var addresses = string.Join(',', Keepers.Select(static keeper => keeper.Address));
        Brokers =
        [
            .. from id in Enumerable.Range(1, Size)
               let own = Path.Combine(home, BrokerProcess.NodeOf(id))
               let clock = clocks is null ? null : WallClock.In(clocks, own)
               select new BrokerProcess(site, id, own, addresses, clock),
        ];
        Bootstrap = string.Join(',', Brokers.Select(static broker => broker.Address));
    }

    /// <summary>The names of all nodes.</summary>
    public static IReadOnlyList<string> Nodes { get; } =
        [.. Enumerable.Range(1, Size).Select(BrokerProcess.NodeOf), .. Ensemble];

    /// <summary>Where it stands.</summary>
    public Site Site { get; }

    /// <summary>The brokers, by id.</summary>
    public IReadOnlyList<BrokerProcess> Brokers { get; }

    /// <summary>The servers of the ensemble.</summary>
    public IReadOnlyList<ZooKeeperMember> Keepers { get; }

    /// <summary>The brokers' addresses, as clients want them.</summary>
    public string Bootstrap { get; }

    /// <summary>Starts all of it, and waits until the ensemble serves.</summary>
    /// <exception cref="PlaceException">It does not within two minutes.</exception>
    public async Task StartAsync()
    {
        foreach (var keeper in Keepers)
            keeper.Start();
        var since = Stopwatch.GetTimestamp();
        foreach (var keeper in Keepers)
        {
            while (!await keeper.ServesAsync())
            {
                if (keeper.EndedWith is { } code)
                    throw new PlaceException($"{keeper.Node} ended with {code}:\n{keeper.Tail()}");
                if (Stopwatch.GetElapsedTime(since) > StartLimit)
                    throw new PlaceException($"{keeper.Node} does not serve:\n{keeper.Tail()}");
                await Task.Delay(100);
            }
        }

        foreach (var broker in Brokers)
            broker.Start();
    }

    /// <summary>Stops the brokers, and copies what they stored to where it is still there when their file systems are
    /// not.</summary>
    public void KeepData()
    {
        foreach (var broker in Brokers)
        {
            broker.Kill();
            Shell.Try("cp", "-r", Path.Combine(broker.Home, "data", "logs"), Path.Combine(broker.Home, "kept"));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var server in Brokers.Concat<ServerProcess>(Keepers))
            server.Dispose();
    }
}
