using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Records;
using Barnabas.Sim;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Client;

/// <summary>One fake broker with topics: metadata, produce into memory, fetch from it, offsets, producer ids.</summary>
internal sealed class FakeCluster
{
    /// <summary>Simulated stories end by themselves: no signal from outside may touch them.</summary>
    public static readonly CancellationToken Never = new(canceled: false);

    private readonly Dictionary<string, List<Batch>[]> _topics = [];
    private readonly Dictionary<string, TopicId> _ids = [];

    public FakeCluster(int seed = 1, int port = 9092)
    {
        World = new World(seed);
        Host = World.NewHost(null!);
        Broker = new FakeBroker(Host, port);
        Broker.On<MetadataRequest, MetadataResponse>((request, _) => Metadata(request));
        Broker.On<ProduceRequest, ProduceResponse>((request, _) => Produce(request));
        Broker.OnLater<FetchRequest, FetchResponse>((request, _) => FetchAsync(request));
        Broker.On<ListOffsetsRequest, ListOffsetsResponse>((request, _) => ListOffsets(request));
        Broker.On<InitProducerIdRequest, InitProducerIdResponse>(
            (_, _) => new() { ProducerId = new(1000), ProducerEpoch = 0 }, last: 5);
    }

    public World World { get; }

    public Host Host { get; }

    public FakeBroker Broker { get; }

    public KafkaClientOptions Options { get; init; } = new() { BootstrapServers = ["127.0.0.1:9092"] };

    /// <summary>A topic with empty partitions.</summary>
    public FakeCluster With(string topic, int partitions = 1)
    {
        _topics[topic] = [.. Enumerable.Range(0, partitions).Select(_ => new List<Batch>())];
        _ids[topic] = new TopicId(new Uuid(7, (ulong)_ids.Count + 100));
        return this;
    }

    /// <summary>A topic's id.</summary>
    public TopicId IdOf(string topic) => _ids[topic];

    /// <summary>The batches a partition holds.</summary>
    public List<Batch> Log(string topic, int partition = 0) => _topics[topic][partition];

    /// <summary>The values a partition holds, as text.</summary>
    public List<string> Values(string topic, int partition = 0) =>
        [.. Log(topic, partition).SelectMany(b => b.Values())];

    /// <summary>Runs a story with a client.</summary>
    public void Run(Func<KafkaClient, Task> story) => World.Run(async () =>
    {
        await using var client = new KafkaClient(Options, Host);
        await story(client);
    });

    /// <summary>Appends a batch as a producer would.</summary>
    public void Append(string topic, int partition, byte[] batch)
    {
        var log = Log(topic, partition);
        var at = log.Count == 0 ? 0 : log[^1].Next;
        RecordBatch.Assign(batch, new Offset(at), new LeaderEpoch(3));
        log.Add(new Batch(at, batch));
    }

    private MetadataResponse Metadata(MetadataRequest request) => new()
    {
        ClusterId = "fake",
        ControllerId = new BrokerId(1),
        Brokers = [new() { NodeId = new BrokerId(1), Host = "127.0.0.1", Port = Broker.Port }],
        Topics = [.. (request.Topics?.Select(t => t.Name!) ?? _topics.Keys).Select(Topic)],
    };

    private MetadataResponse.MetadataResponseTopic Topic(string name) => !_topics.TryGetValue(name, out var partitions)
        ? new() { Name = name, ErrorCode = ErrorCode.UnknownTopicOrPartition }
        : new()
        {
            Name = name,
            TopicId = _ids[name],
            Partitions =
            [
                .. partitions.Select((_, index) => new MetadataResponse.MetadataResponsePartition
                {
                    PartitionIndex = index, LeaderId = new BrokerId(1), LeaderEpoch = new LeaderEpoch(3),
                    ReplicaNodes = [new BrokerId(1)], IsrNodes = [new BrokerId(1)],
                }),
            ],
        };

    /// <summary>Appends what a request carries and answers it.</summary>
    public ProduceResponse Produce(ProduceRequest request) => Answer(request, (topic, partition) =>
    {
        Append(topic, partition.Index, partition.Records!.Value.Memory.ToArray());
        return new() { Index = partition.Index, BaseOffset = new Offset(Log(topic, partition.Index)[^1].Base) };
    });

    /// <summary>Answers every partition with an error and appends nothing.</summary>
    public ProduceResponse Refuse(ProduceRequest request, ErrorCode code) =>
        Answer(request,
            (_, partition) => new() { Index = partition.Index, ErrorCode = code, BaseOffset = Offset.None });

    private ProduceResponse Answer(
        ProduceRequest request,
        Func<string, ProduceRequest.PartitionProduceData, ProduceResponse.PartitionProduceResponse> answer) => new()
        {
            Responses =
            [
                .. request.TopicData.Select(t => new ProduceResponse.TopicProduceResponse
                {
                    Name = NameOf(t.Name, t.TopicId),
                    TopicId = t.TopicId,
                    PartitionResponses = [.. t.PartitionData.Select(p => answer(NameOf(t.Name, t.TopicId), p))],
                }),
            ],
        };

    /// <summary>Waits for records as long as it may.</summary>
    /// <summary>Answers a fetch, as soon as there is something, or when it has waited long enough.</summary>
    public async Task<FetchResponse?> FetchAsync(FetchRequest request)
    {
        var until = Host.Time.GetUtcNow().AddMilliseconds(request.MaxWaitMs);
        while (true)
        {
            var answer = Fetch(request);
            var data = answer.Responses.SelectMany(t => t.Partitions);
            if (data.Any(p => p.ErrorCode != ErrorCode.None || p.Records?.Length > 0) || Host.Time.GetUtcNow() >= until)
                return answer;
            await Task.Delay(TimeSpan.FromMilliseconds(50), Host.Time);
        }
    }

    private FetchResponse Fetch(FetchRequest request)
    {
        var response = new FetchResponse();
        foreach (var topic in request.Topics)
        {
            var name = NameOf(topic.Topic, topic.TopicId);
            response.Responses.Add(new()
            {
                Topic = name,
                TopicId = topic.TopicId,
                Partitions = [.. topic.Partitions.Select(p => Fetch(name, p))],
            });
        }

        return response;
    }

    private FetchResponse.PartitionData Fetch(string topic, FetchRequest.FetchPartition wish)
    {
        var log = Log(topic, wish.Partition);
        var end = log.Count == 0 ? 0 : log[^1].Next;
        if (wish.FetchOffset.Value > end)
            return new() { PartitionIndex = wish.Partition, ErrorCode = ErrorCode.OffsetOutOfRange };
        var bytes = log.Where(b => b.Next > wish.FetchOffset.Value).SelectMany(b => b.Bytes).ToArray();
        return new()
        {
            PartitionIndex = wish.Partition,
            HighWatermark = new Offset(end),
            LastStableOffset = new Offset(end),
            LogStartOffset = Offset.Zero,
            Records = new RecordBytes(bytes),
        };
    }

    private ListOffsetsResponse ListOffsets(ListOffsetsRequest request) => new()
    {
        Topics =
        [
            .. request.Topics.Select(t => new ListOffsetsResponse.ListOffsetsTopicResponse
            {
                Name = t.Name,
                Partitions =
                [
                    .. t.Partitions.Select(p => new ListOffsetsResponse.ListOffsetsPartitionResponse
                    {
                        PartitionIndex = p.PartitionIndex,
                        Offset = p.Timestamp == -2 || Log(t.Name, p.PartitionIndex) is not { Count: > 0 } log
                            ? Offset.Zero
                            : p.Timestamp == -1 ? new Offset(log[^1].Next) : Offset.None,
                    }),
                ],
            }),
        ],
    };

    /// <summary>A topic's name, given by name or by id.</summary>
    public string NameOf(string name, TopicId id) => name.Length > 0 ? name : _ids.Single(i => i.Value == id).Key;

    /// <summary>A batch in a log.</summary>
    internal sealed record Batch(long Base, byte[] Bytes)
    {
        public long Next => new RecordBatch(Bytes).NextOffset.Value;

        public ProducerId ProducerId => new RecordBatch(Bytes).ProducerId;

        public short Epoch => new RecordBatch(Bytes).ProducerEpoch;

        public int Sequence => new RecordBatch(Bytes).BaseSequence;

        public List<string> Values()
        {
            var values = new List<string>();
            Assert.Equal(CodecOutcome.Done, BatchRecords.Open(Bytes, int.MaxValue, out var records));
            using (records)
            {
                var reader = records.Read();
                while (reader.TryRead(out var record))
                    values.Add(System.Text.Encoding.UTF8.GetString(record.Value.Span));
                Assert.Equal(RecordFault.None, reader.Fault);
            }

            return values;
        }
    }
}
