using Barnabas.Base;
using Barnabas.Records;
using Barnabas.Rpc;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>What producers of transactions, their readers and their coordinators ask.</summary>
internal static class TransactionRequests
{
    /// <summary>Has partitions and groups take what comes without asking a coordinator.</summary>
    public const string Trusting = "transaction.partition.verification.enable=false";

    public static async Task<ErrorCode> ProduceAsync(
        Peer peer, TopicId topic, long producer, short epoch, params string[] values)
    {
        var answer = await NodeStory.AskAsync(peer, Produce(topic, producer, epoch, values));
        return answer.Responses[0].PartitionResponses[0].ErrorCode;
    }

    public static ProduceRequest Produce(TopicId topic, long producer, short epoch, params string[] values)
    {
        using var builder = new BatchBuilder();
        foreach (var value in values)
            builder.Append(1_700_000_000_000, default, System.Text.Encoding.UTF8.GetBytes(value));
        var batch = builder.Build(new BatchOptions
        {
            ProducerId = new(producer),
            ProducerEpoch = epoch,
            BaseSequence = 0,
            IsTransactional = true,
        });
        return new ProduceRequest
        {
            TransactionalId = $"t{producer}",
            Acks = -1,
            TimeoutMs = 30_000,
            TopicData =
            [
                new() { TopicId = topic, PartitionData = [new() { Records = new RecordBytes(batch.ToArray()) }] },
            ],
        };
    }

    public static FetchRequest Committed(FetchRequest request)
    {
        request.IsolationLevel = 1;
        return request;
    }

    public static async Task<FetchResponse.PartitionData> FetchAsync(
        Peer peer, TopicId topic, int waitMs, long from = 0)
    {
        var answer = await NodeStory.AskAsync(peer, Committed(NodeStory.Fetch(topic, from, waitMs)));
        var data = answer.Responses[0].Partitions[0];
        Assert.Equal(ErrorCode.None, data.ErrorCode);
        return data;
    }

    public static List<(long, long)> Aborted(FetchResponse.PartitionData data) =>
        data.AbortedTransactions!.ConvertAll(a => (a.ProducerId.Value, a.FirstOffset.Value));

    public static async Task<long> LatestAsync(Peer peer, bool committed)
    {
        var answer = await NodeStory.AskAsync(peer, new ListOffsetsRequest
        {
            ReplicaId = new BrokerId(-1),
            IsolationLevel = (sbyte)(committed ? 1 : 0),
            Topics = [new() { Name = "orders", Partitions = [new() { PartitionIndex = 0, Timestamp = -1 }] }],
        });
        return answer.Topics[0].Partitions[0].Offset.Value;
    }

    public static async Task<DescribeProducersResponse.PartitionResponse> ProducersAsync(Peer peer)
    {
        var answer = await NodeStory.AskAsync(
            peer, new DescribeProducersRequest { Topics = [new() { Name = "orders", PartitionIndexes = [0] }] });
        return answer.Topics[0].Partitions[0];
    }

    /// <summary>The values of committed records, as a reader takes them from an answer: without markers, and without
    /// the records of transactions that were aborted.</summary>
    public static List<string> CommittedOf(FetchResponse.PartitionData data)
    {
        var values = new List<string>();
        var aborted = new HashSet<long>();
        var coming = new Queue<(long Producer, long First)>(Aborted(data).OrderBy(static a => a.Item2));
        for (var bytes = data.Records?.Memory ?? default; bytes.Length >= RecordBatch.HeaderSize;)
        {
            var batch = new RecordBatch(bytes.Span);
            while (coming.TryPeek(out var next) && next.First <= batch.LastOffset.Value)
                aborted.Add(coming.Dequeue().Producer);
            if (batch.Attributes.IsControl)
                aborted.Remove(batch.ProducerId.Value);
            else if (!batch.Attributes.IsTransactional || !aborted.Contains(batch.ProducerId.Value))
                values.AddRange(NodeStory.ValuesOf(new() { Records = new RecordBytes(bytes[..batch.Size]) }));
            bytes = bytes[batch.Size..];
        }

        return values;
    }

    public static async Task<ErrorCode> EndAsync(
        Peer peer, long producer, short epoch, bool commit, int coordinatorEpoch = 0, string topic = "orders",
        int partition = 0, short version = 2)
    {
        var answer = await NodeStory.AskAsync(
            peer, End(producer, epoch, commit, coordinatorEpoch, topic, partition), version);
        return answer.Markers[0].Topics[0].Partitions[0].ErrorCode;
    }

    public static WriteTxnMarkersRequest End(
        long producer, short epoch, bool commit, int coordinatorEpoch = 0, string topic = "orders",
        int partition = 0) => new()
        {
            Markers =
            [
                new()
                {
                    ProducerId = new(producer),
                    ProducerEpoch = epoch,
                    CoordinatorEpoch = coordinatorEpoch,
                    TransactionResult = commit,
                    TransactionVersion = 2,
                    Topics = [new() { Name = topic, PartitionIndexes = [partition] }],
                },
            ],
        };

    public static async Task<ErrorCode> StoreAsync(
        Peer peer, string group, long producer, short epoch, long offset, short? version = null)
    {
        var answer = await NodeStory.AskAsync(peer, Store(group, producer, epoch, offset), version);
        return answer.Topics[0].Partitions[0].ErrorCode;
    }

    public static TxnOffsetCommitRequest Store(string group, long producer, short epoch, long offset) => new()
    {
        TransactionalId = $"t{producer}",
        GroupId = group,
        ProducerId = new(producer),
        ProducerEpoch = epoch,
        Topics =
        [
            new()
            {
                Name = "orders",
                Partitions = [new() { CommittedOffset = new(offset), CommittedMetadata = null }],
            },
        ],
    };

    /// <summary>Where a group stands; the error where that is not told.</summary>
    public static async Task<(ErrorCode Error, long Offset)> OffsetAsync(
        Peer peer, string group, TopicId topic, bool stable = false)
    {
        var request = FetchStable(group, topic);
        request.RequireStable = stable;
        var answer = await NodeStory.AskAsync(peer, request);
        var found = answer.Groups[0].Topics[0].Partitions[0];
        return (found.ErrorCode, found.CommittedOffset.Value);
    }

    /// <summary>Asks where a group stands, by what no open transaction may change.</summary>
    public static OffsetFetchRequest FetchStable(string group, TopicId topic)
    {
        var request = GroupRequests.FetchOffsets(10, group, "orders", topic);
        request.RequireStable = true;
        return request;
    }
}
