using Barnabas.Base;
using Barnabas.Records;
using Barnabas.Rpc;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Fuzz;

/// <summary>The node under attack as its clients see it: the hostile ones, and one that means well.</summary>
/// <param name="host">Where the clients live; the network of a simulated world, or the real one.</param>
/// <param name="port">Where the node listens, on the loopback.</param>
internal sealed class Target(Host host, int port)
{
    private const string Address = "127.0.0.1";
    private const string Kept = "kept";
    private static readonly string[] Prey = ["orders", "logs"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // What a hostile client may change for all topics must not change what is expected of this one.
    private static readonly (string, string)[] KeptConfigs =
    [
        ("max.message.bytes", "1048588"), ("min.insync.replicas", "1"), ("compression.type", "producer"),
        ("cleanup.policy", "delete"), ("retention.ms", "-1"), ("retention.bytes", "-1"), ("segment.bytes", "1048576"),
        ("message.timestamp.type", "CreateTime"), ("message.timestamp.after.max.ms", "9223372036854775807"),
        ("message.timestamp.before.max.ms", "9223372036854775807"),
    ];

    private TopicId _kept;
    private long _answered;

    /// <summary>How many hostile connections got an answer, of whatever kind: the others were closed.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>Makes the topics that the attack is about.</summary>
    /// <returns>What the cases are made with.</returns>
    public async Task<(Vocabulary Vocabulary, IReadOnlySet<ApiKey> Served)> PrepareAsync()
    {
        await using var peer = await Peer.DialAsync(host, Address, port, new PeerOptions());
        _kept = await CreateAsync(peer, Kept, KeptConfigs);
        var topics = new List<(string, TopicId)>();
        foreach (var name in Prey)
            topics.Add((name, await CreateAsync(peer, name)));
        var answer = await peer.SendAsync(new ApiVersionsRequest(), 0, Patience);
        return (new Vocabulary(topics), answer.ApiKeys.Select(api => (ApiKey)api.ApiKey).ToHashSet());
    }

    /// <summary>Sends a case over a connection of its own, takes answers for a moment, and is gone.</summary>
    public async Task AttackAsync(Case hostile, Random random)
    {
        var connection = await host.Network.DialAsync(Address, port, CancellationToken.None);
        var reading = DrainAsync(connection);
        try
        {
            var cut = random.Next(3) == 0 ? random.Next(hostile.Bytes.Length) : 0;
            if (cut > 0)
                await connection.SendAsync([hostile.Bytes.AsMemory(0, cut)]);
            await connection.SendAsync([hostile.Bytes.AsMemory(cut)]);
        }
        catch (IOException)
        {
            // It was closed before it had sent all, as a hostile client may expect.
        }

        await Task.WhenAny(reading, Task.Delay(TimeSpan.FromMilliseconds(random.Next(30)), host.Time));
        if (random.Next(2) == 0)
            connection.Abort();
        await connection.DisposeAsync();
        if (await reading)
            Interlocked.Increment(ref _answered);
    }

    /// <summary>A client that means well is served.</summary>
    /// <exception cref="FuzzFault">It is not.</exception>
    public async Task CheckAsync()
    {
        try
        {
            await using var peer = await Peer.DialAsync(host, Address, port, new PeerOptions());
            var offset = await ProduceAsync(peer);
            var request = new FetchRequest
            {
                ClusterId = null,
                MinBytes = 1,
                MaxBytes = 1 << 20,
                SessionEpoch = -1,
                Topics =
                [
                    new()
                    {
                        TopicId = _kept,
                        Partitions = [new() { FetchOffset = offset, PartitionMaxBytes = 1 << 20 }],
                    },
                ],
            };
            var fetched = (await peer.SendAsync(request, 13, Patience)).Responses[0].Partitions[0];
            Expect(fetched.ErrorCode == ErrorCode.None, $"Fetch: {fetched.ErrorCode}");
            Expect(
                fetched.HighWatermark > offset && fetched.Records?.Length > 0, "Fetch: what was written is not there");
        }
        catch (IOException fault)
        {
            throw new FuzzFault($"a client that means well is not served: {fault.Message}");
        }
    }

    private static async Task<Offset> ProduceAsync(Peer peer)
    {
        using var builder = new BatchBuilder();
        builder.Append(1_700_000_000_000, default, "still here"u8.ToArray());
        var request = new ProduceRequest
        {
            Acks = -1,
            TimeoutMs = 30_000,
            TopicData =
            [
                new()
                {
                    Name = Kept,
                    PartitionData = [new() { Records = new RecordBytes(builder.Build(new BatchOptions())) }],
                },
            ],
        };
        var answer = (await peer.SendAsync(request, 9, Patience)).Responses[0].PartitionResponses[0];
        Expect(answer.ErrorCode == ErrorCode.None, $"Produce: {answer.ErrorCode}");
        return answer.BaseOffset;
    }

    private static async Task<TopicId> CreateAsync(Peer peer, string name, params (string Name, string Value)[] configs)
    {
        var request = new CreateTopicsRequest
        {
            TimeoutMs = 10_000,
            Topics =
            [
                new()
                {
                    Name = name,
                    NumPartitions = 2,
                    ReplicationFactor = 1,
                    Configs =
                    [
                        .. configs.Select(config => new CreateTopicsRequest.CreatableTopicConfig
                        {
                            Name = config.Name,
                            Value = config.Value,
                        }),
                    ],
                },
            ],
        };
        var answer = (await peer.SendAsync(request, 7, Patience)).Topics[0];
        Expect(answer.ErrorCode == ErrorCode.None, $"CreateTopics: {answer.ErrorCode}");
        return answer.TopicId;
    }

    private static async Task<bool> DrainAsync(IConnection connection)
    {
        var buffer = new byte[64 * 1024];
        var answered = false;
        try
        {
            while (await connection.ReceiveAsync(buffer) > 0)
                answered = true;
        }
        catch (IOException)
        {
            // One of us has ended it.
        }

        return answered;
    }

    private static void Expect(bool holds, string otherwise)
    {
        if (!holds)
            throw new FuzzFault(otherwise);
    }
}

/// <summary>The node did what no client may bring it to.</summary>
internal sealed class FuzzFault(string message) : Exception(message);
