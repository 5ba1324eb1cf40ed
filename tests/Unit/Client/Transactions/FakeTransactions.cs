using Barnabas.Base;
using Barnabas.Records;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Client.Transactions;

/// <summary>The transactions of one transactional id at a fake broker: its coordinator, and what partitions and groups
/// check, by either generation of the protocol.</summary>
internal sealed class FakeTransactions
{
    private readonly FakeCluster _cluster;
    private readonly bool _isImplicit;
    private readonly HashSet<TopicPartition> _partitions = [];
    private readonly Dictionary<TopicPartition, long> _pending = [];
    private readonly Dictionary<(TopicPartition, long, short), int> _next = [];
    private readonly List<string> _written = [];
    private bool _isOpen;
    private bool? _wasCommit;
    private (ProducerId Id, short Epoch) _before;

    public FakeTransactions(FakeCluster cluster, short level)
    {
        (_cluster, _isImplicit) = (cluster, level >= 2);
        var broker = cluster.Broker;
        broker.Features["transaction.version"] = level;
        broker.On<FindCoordinatorRequest, FindCoordinatorResponse>((r, _) => Find(r, broker.Port));
        broker.On<InitProducerIdRequest, InitProducerIdResponse>((r, _) => Initialize(r), last: 5);
        broker.On<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>((r, _) => Add(r));
        broker.On<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>((r, _) => AddOffsets(r));
        broker.On<TxnOffsetCommitRequest, TxnOffsetCommitResponse>(CommitOffsets, last: _isImplicit ? null : (short)4);
        broker.On<EndTxnRequest, EndTxnResponse>((r, v) => End(r, v), last: _isImplicit ? null : (short)4);
        broker.On<ProduceRequest, ProduceResponse>(Produce, last: _isImplicit ? null : (short)11);
    }

    public ProducerId Id { get; private set; } = new(1000);

    public short Epoch { get; private set; } = -1;

    /// <summary>What the protocol came to: <c>commit</c>, <c>abort</c>, <c>init</c>.</summary>
    public List<string> Events { get; } = [];

    /// <summary>The values of committed transactions.</summary>
    public List<string> Committed { get; } = [];

    /// <summary>The positions of groups that committed transactions have stored.</summary>
    public Dictionary<TopicPartition, long> Offsets { get; init; } = [];

    /// <summary>Who sent positions, as member and generation.</summary>
    public List<(string Member, int Generation)> Members { get; } = [];

    /// <summary>Takes the transactional id over, as another producer would.</summary>
    public void Fence()
    {
        if (_isOpen)
            Finish(isCommit: false);
        Epoch++;
        (_wasCommit, _before) = (null, default);
    }

    /// <summary>Ends the transaction.</summary>
    public EndTxnResponse End(EndTxnRequest request, short version)
    {
        var isRetry = _isImplicit && _before == (request.ProducerId, request.ProducerEpoch);
        if (!isRetry && (request.ProducerId, request.ProducerEpoch) != (Id, Epoch))
            return new() { ErrorCode = ErrorCode.ProducerFenced };
        if (_isOpen && !isRetry)
            Finish(request.Committed);
        else if (_isImplicit && !isRetry && !request.Committed)
            Finish(isCommit: false);
        else if (_wasCommit != request.Committed)
            return new() { ErrorCode = ErrorCode.InvalidTxnState };
        return version >= 5 ? new() { ProducerId = Id, ProducerEpoch = Epoch } : new();
    }

    /// <summary>Takes a group's positions.</summary>
    public TxnOffsetCommitResponse CommitOffsets(TxnOffsetCommitRequest request, short version)
    {
        var code = (request.ProducerId, request.ProducerEpoch) != (Id, Epoch) ? ErrorCode.InvalidProducerEpoch
            : version < 5 && !_isOpen ? ErrorCode.InvalidTxnState
            : ErrorCode.None;
        _isOpen |= code == ErrorCode.None;
        Members.Add((request.MemberId, request.GenerationId));
        foreach (var topic in request.Topics)
        {
            foreach (var partition in topic.Partitions.Where(_ => code == ErrorCode.None))
                _pending[new(topic.Name, partition.PartitionIndex)] = partition.CommittedOffset.Value;
        }

        return Refuse(request, code);
    }

    /// <summary>Answers all of a group's positions alike.</summary>
    public static TxnOffsetCommitResponse Refuse(TxnOffsetCommitRequest request, ErrorCode code) => new()
    {
        Topics = [.. request.Topics.Select(t => new TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic
        {
            Name = t.Name,
            Partitions = [.. t.Partitions.Select(p => new TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition
            {
                PartitionIndex = p.PartitionIndex, ErrorCode = code,
            })],
        })],
    };

    /// <summary>Answers all partitions that are to be added alike.</summary>
    public static AddPartitionsToTxnResponse Refuse(AddPartitionsToTxnRequest request, ErrorCode code) => new()
    {
        ResultsByTopicV3AndBelow =
        [
            .. request.V3AndBelowTopics.Select(t => new AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult
            {
                Name = t.Name,
                ResultsByPartition =
                [
                    .. t.Partitions.Select(p => new AddPartitionsToTxnResponse.AddPartitionsToTxnPartitionResult
                    {
                        PartitionIndex = p, PartitionErrorCode = code,
                    }),
                ],
            }),
        ],
    };

    private static FindCoordinatorResponse Find(FindCoordinatorRequest request, int port) => new()
    {
        Coordinators =
        [
            .. request.CoordinatorKeys.Select(k => new FindCoordinatorResponse.Coordinator
            {
                Key = k, NodeId = new(1), Host = "127.0.0.1", Port = port,
                ErrorCode = request.KeyType == (k == "g" ? 0 : 1) ? ErrorCode.None : ErrorCode.InvalidRequest,
            }),
        ],
    };

    private InitProducerIdResponse Initialize(InitProducerIdRequest request)
    {
        if (request.ProducerId != ProducerId.None && (request.ProducerId, request.ProducerEpoch) != (Id, Epoch))
            return new() { ErrorCode = ErrorCode.ProducerFenced };
        if (_isOpen)
            Finish(isCommit: false);
        Epoch++;
        (_wasCommit, _before) = (null, default);
        Events.Add("init");
        return new() { ProducerId = Id, ProducerEpoch = Epoch };
    }

    private AddPartitionsToTxnResponse Add(AddPartitionsToTxnRequest request)
    {
        Assert.False(_isImplicit);
        if ((request.V3AndBelowProducerId, request.V3AndBelowProducerEpoch) != (Id, Epoch))
            return Refuse(request, ErrorCode.ProducerFenced);
        _isOpen = true;
        foreach (var topic in request.V3AndBelowTopics)
            _partitions.UnionWith(topic.Partitions.Select(p => new TopicPartition(topic.Name, p)));
        return Refuse(request, ErrorCode.None);
    }

    private AddOffsetsToTxnResponse AddOffsets(AddOffsetsToTxnRequest request)
    {
        Assert.False(_isImplicit);
        _isOpen = true;
        return new()
        {
            ErrorCode = (request.ProducerId, request.ProducerEpoch) == (Id, Epoch)
                ? ErrorCode.None
                : ErrorCode.ProducerFenced,
        };
    }

    private ProduceResponse Produce(ProduceRequest request, short version)
    {
        Assert.Equal(_isImplicit, version >= 12);
        var places = request.TopicData.SelectMany(t => t.PartitionData.Select(p => (
            Partition: new TopicPartition(_cluster.NameOf(t.Name, t.TopicId), p.Index), Bytes: p.Records!.Value)))
            .ToList();
        foreach (var (partition, bytes) in places)
        {
            var batch = new RecordBatch(bytes.Memory.Span);
            Assert.True(batch.Attributes.IsTransactional);
            if (Check(partition, batch) is var code && code != ErrorCode.None)
                return _cluster.Refuse(request, code);
        }

        foreach (var (partition, bytes) in places)
        {
            var batch = new RecordBatch(bytes.Memory.Span);
            _next[(partition, batch.ProducerId.Value, batch.ProducerEpoch)] = batch.LastSequence + 1;
            _isOpen = true;
        }

        var answer = _cluster.Produce(request);
        _written.AddRange(places.SelectMany(p => _cluster.Log(p.Partition.Topic, p.Partition.Partition)[^1].Values()));
        return answer;
    }

    private ErrorCode Check(TopicPartition partition, RecordBatch batch)
    {
        if ((batch.ProducerId, batch.ProducerEpoch) != (Id, Epoch))
            return ErrorCode.InvalidProducerEpoch;
        if (!_isImplicit && !_partitions.Contains(partition))
            return ErrorCode.InvalidTxnState;
        return batch.BaseSequence == _next.GetValueOrDefault((partition, batch.ProducerId.Value, batch.ProducerEpoch))
            ? ErrorCode.None
            : ErrorCode.OutOfOrderSequenceNumber;
    }

    private void Finish(bool isCommit)
    {
        Events.Add(isCommit ? "commit" : "abort");
        foreach (var (partition, offset) in _pending.Where(_ => isCommit))
            Offsets[partition] = offset;
        if (isCommit)
            Committed.AddRange(_written);
        _written.Clear();
        _pending.Clear();
        _partitions.Clear();
        (_isOpen, _wasCommit) = (false, isCommit);
        if (_isImplicit)
            Raise();
    }

    private void Raise() => (_before, Epoch) = ((Id, Epoch), (short)(Epoch + 1));
}
