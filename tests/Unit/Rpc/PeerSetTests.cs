using Barnabas.Rpc;
using Barnabas.Sim;
using Barnabas.Tests.Unit.Client;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Rpc;

/// <summary>Which connections there are to other brokers.</summary>
public sealed class PeerSetTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void What_one_api_takes_long_for_holds_up_no_other() => Run(async (peers, broker, world) =>
    {
        broker.On<WriteTxnMarkersRequest, WriteTxnMarkersResponse>((_, _) => null);
        broker.On<BrokerHeartbeatRequest, BrokerHeartbeatResponse>((_, _) => new() { IsCaughtUp = true });
        var marking = peers.SendAsync("127.0.0.1", 9092, new WriteTxnMarkersRequest(), Patience);
        for (var beat = 0; beat < 3; beat++)
        {
            var answer = await peers.SendAsync("127.0.0.1", 9092, new BrokerHeartbeatRequest(), Patience);
            Assert.True(answer.IsCaughtUp);
        }

        Assert.False(marking.IsCompleted);
        // One for each API, however often it is asked.
        Assert.Equal(2, broker.Dialled);
        await Assert.ThrowsAsync<PeerLostException>(() => marking);
        Assert.InRange(world.Age, Patience, Patience + TimeSpan.FromSeconds(1));
    });

    private static void Run(Func<PeerSet, FakeBroker, World, Task> story)
    {
        var world = new World(1);
        var host = world.NewHost(new SimDisk(1, world));
        var broker = new FakeBroker(host);
        world.Run(async () =>
        {
            await using var peers = new PeerSet(host, new PeerOptions { ClientId = "test" });
            await story(peers, broker, world);
        });
    }
}
