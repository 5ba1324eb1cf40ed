using Barnabas.Base;
using Barnabas.Node;
using Barnabas.Node.Configuration;
using Barnabas.Records;
using Barnabas.Rpc;
using Barnabas.Sim;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>A whole node in a simulated world, and clients that speak to it over the simulated network.</summary>
internal sealed class NodeStory
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public NodeStory(int seed = 1, params string[] overrides)
        : this(seed, null, overrides)
    {
    }

    private NodeStory(int seed, SimDisk? disk, IReadOnlyList<string> overrides)
    {
        World = new World(seed);
        Disk = disk ?? new SimDisk(seed, World);
        Overrides = overrides;
    }

    public World World { get; }

    public SimDisk Disk { get; }

    public IReadOnlyList<string> Overrides { get; }

    public List<Exception> Halts { get; } = [];

    /// <summary>The machine stops, and starts again in another world: what the disk has kept is there.</summary>
    public NodeStory Crash(CrashKind kind, params string[] overrides)
    {
        Disk.Crash(kind);
        return new NodeStory(World.Seed + 1000, Disk, [.. Overrides, .. overrides]);
    }

    public void Tell(Func<Task> story) => World.Run(story, TimeSpan.FromHours(2));

    public Task<BrokerNode> StartAsync()
    {
        var loaded = ServerConfigLoader.Load(new ConfigInputs { Overrides = ["log.dirs=/data", .. Overrides] });
        Assert.Empty(loaded.Faults);
        return BrokerNode.StartAsync(World.NewHost(Disk), loaded.Configs!, Halts.Add);
    }

    public Task<Peer> DialAsync(string clientId = "test") =>
        Peer.DialAsync(World.NewHost(Disk), "127.0.0.1", 9092, new PeerOptions { ClientId = clientId });

    public static Task<TResponse> AskAsync<TRequest, TResponse>(
        Peer peer, IRequest<TRequest, TResponse> request, short? version = null)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IApiMessage<TResponse>
    {
        Assert.True(peer.TryChoose<TRequest>(out var newest));
        return peer.SendAsync(request, version ?? newest, Patience);
    }

    public static async Task<TopicId> CreateAsync(
        Peer peer, string name, int partitions = 1, params (string, string)[] configs)
    {
        var answer = await AskAsync(peer, new CreateTopicsRequest
        {
            TimeoutMs = 10_000,
            Topics =
            [
                new()
                {
                    Name = name,
                    NumPartitions = partitions,
                    ReplicationFactor = 1,
                    Configs = [.. configs.Select(
                        c => new CreateTopicsRequest.CreatableTopicConfig { Name = c.Item1, Value = c.Item2 })],
                },
            ],
        });
        Assert.Equal(ErrorCode.None, answer.Topics[0].ErrorCode);
        return answer.Topics[0].TopicId;
    }

    /// <summary>Has the topic of groups made, and waits until this node coordinates all of them.</summary>
    public async Task GroupsLoadedAsync(BrokerNode node, Peer peer)
    {
        var found = await AskAsync(peer, new FindCoordinatorRequest { CoordinatorKeys = ["any"] });
        Assert.Equal(ErrorCode.None, found.Coordinators[0].ErrorCode);
        while (node.Broker.Groups.Shards.Count(shard => shard.Check() == ErrorCode.None) < 50)
            await Task.Delay(TimeSpan.FromMilliseconds(10), World);
    }

    public static byte[] Batch(params string[] values)
    {
        using var builder = new BatchBuilder();
        foreach (var value in values)
            builder.Append(1_700_000_000_000, default, System.Text.Encoding.UTF8.GetBytes(value));
        return builder.Build(new BatchOptions()).ToArray();
    }

    public static ProduceRequest Produce(TopicId topic, byte[] batch, short acks = -1, int partition = 0) => new()
    {
        TransactionalId = null,
        Acks = acks,
        TimeoutMs = 30_000,
        TopicData =
        [
            new()
            {
                TopicId = topic,
                PartitionData = [new() { Index = partition, Records = new RecordBytes(batch) }],
            },
        ],
    };

    public static async Task<ProduceResponse.PartitionProduceResponse> ProduceAsync(
        Peer peer, TopicId topic, byte[] batch, short acks = -1, int partition = 0)
    {
        var answer = await AskAsync(peer, Produce(topic, batch, acks, partition));
        return answer.Responses[0].PartitionResponses[0];
    }

    public static FetchRequest Fetch(TopicId topic, long offset, int waitMs = 0, int partition = 0) => new()
    {
        ClusterId = null,
        MaxWaitMs = waitMs,
        MinBytes = 1,
        MaxBytes = 1 << 20,
        SessionEpoch = -1,
        Topics =
        [
            new()
            {
                TopicId = topic,
                Partitions =
                [
                    new() { Partition = partition, FetchOffset = new Offset(offset), PartitionMaxBytes = 1 << 20 },
                ],
            },
        ],
    };

    public static List<string> ValuesOf(FetchResponse.PartitionData data)
    {
        var values = new List<string>();
        var bytes = data.Records?.Memory ?? default;
        while (bytes.Length >= RecordBatch.HeaderSize)
        {
            var size = new RecordBatch(bytes.Span).Size;
            Assert.Equal(CodecOutcome.Done, BatchRecords.Open(bytes.Span[..size], 1 << 20, out var records));
            using (records)
            {
                var reader = records.Read();
                while (reader.TryRead(out var record))
                    values.Add(System.Text.Encoding.UTF8.GetString(record.Value.Span));
            }

            bytes = bytes[size..];
        }

        return values;
    }
}
