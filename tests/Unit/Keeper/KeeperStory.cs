using System.Net;
using System.Text;
using Barnabas.Base;
using Barnabas.Keeper;
using Barnabas.Sim;
using Barnabas.SimKeeper;

namespace Barnabas.Tests.Unit.Keeper;

/// <summary>A simulated ensemble and clients of it, in one world.</summary>
internal sealed class KeeperStory
{
    private readonly List<KeeperClient> _clients = [];

    private KeeperStory(int seed, int members)
    {
        World = new World(seed);
        Host = World.NewHost(new SimDisk(seed, World));
        Ensemble = new SimEnsemble(
            Host, [.. Enumerable.Range(0, members).Select(i => new IPEndPoint(IPAddress.Loopback, 2181 + i))]);
    }

    public World World { get; }

    public Host Host { get; }

    public SimEnsemble Ensemble { get; }

    /// <summary>The states that the clients of this story were in, in order.</summary>
    public List<KeeperState> States { get; } = [];

    public static void Run(Func<KeeperStory, Task> story, int members = 1, int seed = 1)
    {
        var it = new KeeperStory(seed, members);
        it.World.Run(
            async () =>
            {
                await story(it);
                foreach (var client in it._clients)
                    await client.DisposeAsync();
                it.Ensemble.Stop();
            },
            TimeSpan.FromHours(1));
    }

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    /// <summary>A client on the lane of the story.</summary>
    public KeeperClient Client(string chroot = "", int timeoutMs = 6000, int maxAnswerBytes = 1 << 20)
    {
        var settings = new KeeperSettings(ConnectString.Parse(Ensemble.Addresses + chroot))
        {
            SessionTimeout = TimeSpan.FromMilliseconds(timeoutMs),
            MaxAnswerBytes = maxAnswerBytes,
        };
        var lane = (Lane)SynchronizationContext.Current!;
        var client = KeeperClient.Start(Host, lane, settings, States.Add);
        _clients.Add(client);
        return client;
    }

    public Task PassAsync(int ms) => Task.Delay(TimeSpan.FromMilliseconds(ms), Host.Time);
}
