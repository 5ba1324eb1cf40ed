using Barnabas.Base;
using Barnabas.Client;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Client.Transactions;

/// <summary>What the admin side asks for about transactions and makes of the answers, against a fake broker.</summary>
public sealed class TransactionAdminTests
{
    private static readonly TopicPartition Zero = new("t", 0);
    private static readonly TopicPartition One = new("t", 1);
    private static readonly TimeSpan Quarter = TimeSpan.FromMinutes(15);

    private readonly FakeCluster _cluster = new FakeCluster().With("t", 2);
    private readonly Dictionary<int, List<DescribeProducersResponse.ProducerState>> _producers = new()
    {
        [0] = [],
        [1] = [],
    };

    private readonly List<(string Id, long Producer, List<int> Partitions)> _transactions = [];

    public TransactionAdminTests()
    {
        var broker = _cluster.Broker;
        broker.On<FindCoordinatorRequest, FindCoordinatorResponse>((request, _) =>
        {
            Assert.Equal(1, request.KeyType);
            return new()
            {
                Coordinators =
                [
                    new() { Key = request.CoordinatorKeys[0], NodeId = new(1), Host = "127.0.0.1", Port = broker.Port },
                ],
            };
        });
        broker.On<ListTransactionsRequest, ListTransactionsResponse>((request, _) => List(request));
        broker.On<DescribeTransactionsRequest, DescribeTransactionsResponse>((request, _) => Describe(request));
        broker.On<DescribeProducersRequest, DescribeProducersResponse>((request, _) => Producers(request));
        broker.On<WriteTxnMarkersRequest, WriteTxnMarkersResponse>((request, _) => Write(request));
    }

    [Fact]
    public void Transactions_are_listed_as_wanted() => _cluster.Run(async client =>
    {
        _transactions.AddRange([("b", 2, []), ("a", 1, [])]);
        Assert.Equal(
            [new TransactionListing("a", new(1), "Ongoing", new(1)), new("b", new(2), "Ongoing", new(1))],
            await client.Admin.ListTransactionsAsync(stop: FakeCluster.Never));
        await client.Admin.ListTransactionsAsync(
            new()
            {
                States = ["Ongoing"],
                Producers = [new(2)],
                LongerThan = TimeSpan.FromSeconds(3),
                Pattern = "b.*",
            },
            FakeCluster.Never);
        var asked = _cluster.Broker.Of<ListTransactionsRequest>();
        Assert.Equal((-1L, null), (asked[0].DurationFilter, asked[0].TransactionalIdPattern));
        Assert.Equal((3000L, "b.*"), (asked[1].DurationFilter, asked[1].TransactionalIdPattern));
        Assert.Equal(["Ongoing"], asked[1].StateFilters);
        Assert.Equal([new ProducerId(2)], asked[1].ProducerIdFilters);
    });

    [Fact]
    public void A_transaction_is_described_by_its_coordinator() => _cluster.Run(async client =>
    {
        _transactions.Add(("a", 7, [1, 0]));
        var found = await client.Admin.DescribeTransactionAsync("a", FakeCluster.Never);
        Assert.NotNull(found);
        Assert.Equal(("a", "Ongoing", 7L, 3), (found.TransactionalId, found.State, found.Id.Value, found.Epoch));
        Assert.Equal([Zero, One], found.Partitions);
        Assert.Equal((TimeSpan.FromMinutes(1), 1000L), (found.Timeout, found.StartedAtMs));
        Assert.Null(await client.Admin.DescribeTransactionAsync("unknown", FakeCluster.Never));
    });

    [Fact]
    public void A_transaction_hangs_that_no_coordinator_will_end() => _cluster.Run(async client =>
    {
        // Known to its coordinator with this partition; known without it; not known at all; young; none open.
        var now = _cluster.Host.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var old = now - (long)Quarter.TotalMilliseconds - 1;
        _transactions.AddRange([("known", 1, [0]), ("elsewhere", 2, [1])]);
        _producers[0].AddRange([Producer(1, old, 10), Producer(2, old, 20), Producer(3, old, 30)]);
        _producers[0].AddRange([Producer(4, now, 40), Producer(5, old, -1)]);
        _producers[1].Add(Producer(2, old, 5));
        var found = await client.Admin.FindHangingTransactionsAsync([One, Zero], Quarter, FakeCluster.Never);
        Assert.Equal(
            [(Zero, 2L, "elsewhere"), (Zero, 3L, null)],
            found.Select(f => (f.Partition, f.Producer.Id.Value, f.TransactionalId)));
    });

    [Fact]
    public void A_hanging_one_is_aborted_at_its_partition() => _cluster.Run(async client =>
    {
        var producer = new ActiveProducer(new(3), 6, 9, 1000) { CoordinatorEpoch = 4, TransactionStart = new(30) };
        await client.Admin.AbortTransactionAsync(One, producer, FakeCluster.Never);
        var marker = Assert.Single(Assert.Single(_cluster.Broker.Of<WriteTxnMarkersRequest>()).Markers);
        Assert.Equal(
            (3L, 6, 4, false),
            (marker.ProducerId.Value, marker.ProducerEpoch, marker.CoordinatorEpoch, marker.TransactionResult));
        var topic = Assert.Single(marker.Topics);
        Assert.Equal("t", topic.Name);
        Assert.Equal([1], topic.PartitionIndexes);
    });

    [Fact]
    public void Ids_are_taken_over_to_end_what_is_open() => _cluster.Run(async client =>
    {
        _cluster.Broker.Next<InitProducerIdRequest, InitProducerIdResponse>(
            (_, _) => new() { ErrorCode = ErrorCode.TransactionalIdAuthorizationFailed });
        var results = await client.Admin.TerminateTransactionsAsync(["a", "b"], FakeCluster.Never);
        Assert.Equal(
            [("a", ErrorCode.TransactionalIdAuthorizationFailed), ("b", null)],
            results.Select(r => (r.TransactionalId, r.Failure?.Code)));
        Assert.Equal(
            ["a", "b"], _cluster.Broker.Of<InitProducerIdRequest>().Select(r => r.TransactionalId));
    });

    private ListTransactionsResponse List(ListTransactionsRequest request) => new()
    {
        TransactionStates =
        [
            .. _transactions
                .Where(t => request.ProducerIdFilters.Count == 0
                    || request.ProducerIdFilters.Contains(new(t.Producer)))
                .Select(t => new ListTransactionsResponse.TransactionStateData
                {
                    TransactionalId = t.Id, ProducerId = new(t.Producer), TransactionState = "Ongoing",
                }),
        ],
    };

    private DescribeTransactionsResponse Describe(DescribeTransactionsRequest request)
    {
        var id = Assert.Single(request.TransactionalIds);
        var found = _transactions.FirstOrDefault(t => t.Id == id);
        return new()
        {
            TransactionStates =
            [
                found.Id is null
                    ? new() { TransactionalId = id, ErrorCode = ErrorCode.TransactionalIdNotFound }
                    : new()
                    {
                        TransactionalId = id, TransactionState = "Ongoing", ProducerId = new(found.Producer),
                        ProducerEpoch = 3, TransactionTimeoutMs = 60_000, TransactionStartTimeMs = 1000,
                        Topics = [new() { Topic = "t", Partitions = found.Partitions }],
                    },
            ],
        };
    }

    private DescribeProducersResponse Producers(DescribeProducersRequest request) => new()
    {
        Topics =
        [
            new()
            {
                Name = "t",
                Partitions =
                [
                    new()
                    {
                        PartitionIndex = request.Topics[0].PartitionIndexes[0],
                        ActiveProducers = _producers[request.Topics[0].PartitionIndexes[0]],
                    },
                ],
            },
        ],
    };

    private static WriteTxnMarkersResponse Write(WriteTxnMarkersRequest request) => new()
    {
        Markers =
        [
            new()
            {
                ProducerId = request.Markers[0].ProducerId,
                Topics = [new() { Name = "t", Partitions = [new() { PartitionIndex = 1 }] }],
            },
        ],
    };

    private static DescribeProducersResponse.ProducerState Producer(long id, long lastTimestamp, long start) => new()
    {
        ProducerId = new(id),
        ProducerEpoch = 0,
        LastSequence = 1,
        LastTimestamp = lastTimestamp,
        CurrentTxnStartOffset = new(start),
    };
}
