using Barnabas.Base;
using Barnabas.Rpc;
using Barnabas.Sim;
using Barnabas.SimCluster;
using Barnabas.Tests.Simulation.Node;
using Barnabas.Tests.Unit.Node;

namespace Barnabas.Tests.Simulation.Planted;

/// <summary>A node, with a bug or without, and whoever tells its story.</summary>
internal sealed class Lives
{
    /// <summary>A node that was never started.</summary>
    public Lives(PlantedBug bug, int seed, params string[] overrides)
    {
        World = new World(seed);
        Node = new SimulatedNode(World, new SimDisk(seed, World), overrides)
        {
            Prepare = host => host with { Planted = bug },
        };
    }

    /// <summary>The world.</summary>
    public World World { get; }

    /// <summary>The node.</summary>
    public SimulatedNode Node { get; }

    /// <summary>Tells a story to its end.</summary>
    public void Tell(Func<Task> story) => World.Run(story, TimeSpan.FromHours(1));

    /// <summary>A new connection.</summary>
    public Task<Peer> DialAsync() =>
        Peer.DialAsync(World.NewHost(new SimDisk(0)), "127.0.0.1", 9092, new PeerOptions());

    /// <summary>Cuts the power, loses all that was not synced, and starts anew.</summary>
    public async Task<Peer> RestartAsync(CrashKind kind = CrashKind.LosesAll)
    {
        Node.Crash(kind);
        await Node.StartAsync();
        return await DialAsync();
    }

    /// <summary>All records of a topic's first partition. Fails where they cannot be read.</summary>
    public static async Task<List<string>> ReadAsync(Peer peer, TopicId topic)
    {
        var answer = await NodeStory.AskAsync(peer, NodeStory.Fetch(topic, 0));
        var data = answer.Responses[0].Partitions[0];
        Assert.Equal(ErrorCode.None, data.ErrorCode);
        return [.. StoredBatch.ReadAll(data.Records?.Memory ?? default).SelectMany(static batch => batch.Values)];
    }
}
