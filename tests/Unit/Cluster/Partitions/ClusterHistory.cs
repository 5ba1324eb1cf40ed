using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Sim;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Cluster.Partitions;

/// <summary>A random history of a cluster of five: brokers come, go and stop, leaders tell who is in sync, partitions
/// move, leaders are elected.</summary>
internal sealed class ClusterHistory
{
    private const int Brokers = 5;

    private readonly SimRandom _random;
    private readonly EffectiveConfigs _configs;
    private readonly List<ITypedRecord> _records = [];
    private readonly Dictionary<(string, int), List<BrokerId>> _goals = [];

    private ClusterHistory(int seed, bool eligible, bool unclean)
    {
        _random = new SimRandom((ulong)seed);
        _configs = Sample.ConfigsOf(
            ("min.insync.replicas", "2"), ("unclean.leader.election.enable", unclean ? "true" : "false"));
        AllowsUnclean = unclean;
        Take(FinalizeFeatures.Decide(
            State,
            FinalizeFeatures.Records(new Dictionary<string, short>
            {
                ["metadata.version"] = 29,
                ["eligible.leader.replicas.version"] = (short)(eligible ? 1 : 0),
            }),
            _configs));
    }

    public ClusterState State { get; private set; } = ClusterState.Empty;

    public IReadOnlyList<ITypedRecord> Records => _records;

    public bool AllowsUnclean { get; }

    /// <summary>What was done last, for who reads of a failure.</summary>
    public string Step { get; private set; } = "began";

    /// <summary>The goals of the reassignments that were asked for last, by partition.</summary>
    public IReadOnlyDictionary<(string Topic, int Partition), List<BrokerId>> Goals => _goals;

    /// <summary>Goes through a history, and calls <paramref name="check"/> after each step with the state
    /// before.</summary>
    public static ClusterHistory Run(
        int seed, int steps, bool eligible, bool unclean, Action<ClusterHistory, ClusterState> check)
    {
        var history = new ClusterHistory(seed, eligible, unclean);
        for (var i = 0; i < steps; i++)
        {
            var before = history.State;
            history.Next();
            check(history, before);
        }

        return history;
    }

    private void Next()
    {
        var broker = new BrokerId(1 + _random.Next(Brokers));
        switch (_random.Next(12))
        {
            case 0:
                Register(broker);
                break;
            case 1 or 2:
                Take(FenceBroker.Unfence(State, broker, EpochOf(broker), _configs), $"unfenced {broker}");
                break;
            case 3:
                Take(FenceBroker.Fence(State, broker, EpochOf(broker), _configs), $"fenced {broker}");
                break;
            case 4:
                Heartbeat(broker);
                break;
            case 5:
                Take(
                    CreateTopics.Decide(State, new() { Topics = [NewTopic()] }, new(_configs, _random)), "created");
                break;
            case 6 or 7 or 8:
                AlterIsr();
                break;
            case 9:
                Reassign();
                break;
            case 10:
                Elect();
                break;
            default:
                if (_random.Next(4) == 0)
                    Take(UnregisterBroker.Decide(State, new() { BrokerId = broker }, _configs), $"forgot {broker}");
                else
                    Take(BalanceLeaders.Decide(State, _configs), "balanced");
                break;
        }
    }

    private void Register(BrokerId broker)
    {
        var request = Sample.Introduction(broker.Value, _random.Next(1_000_000));
        request.PreviousBrokerEpoch = _random.Next(2) == 0 ? EpochOf(broker) : -1;
        var membership = new Membership("c", _records.Count, _ => false);
        Take(
            RegisterBroker.Decide(State, request, membership, _configs),
            $"registered {broker} after {request.PreviousBrokerEpoch}");
    }

    private void Heartbeat(BrokerId broker)
    {
        var request = new BrokerHeartbeatRequest
        {
            BrokerId = broker,
            BrokerEpoch = EpochOf(broker),
            CurrentMetadataOffset = new(_records.Count),
            WantFence = _random.Next(4) == 0,
            WantShutDown = _random.Next(2) == 0,
            OfflineLogDirs = _random.Next(4) == 0 ? [Sample.DirectoryOf(broker.Value)] : [],
        };
        Take(
            BrokerHeartbeat.Decide(State, request, stopIsKnown: _random.Next(2) == 0, _configs),
            $"heard {broker} {(request.WantFence ? "fence " : "")}{(request.WantShutDown ? "stop " : "")}"
                + $"{(request.OfflineLogDirs.Count > 0 ? "disk" : "")}");
    }

    private CreateTopicsRequest.CreatableTopic NewTopic() => new()
    {
        Name = $"t{_random.Next(3)}",
        NumPartitions = 1 + _random.Next(2),
        ReplicationFactor = (short)(1 + _random.Next(3)),
    };

    private void AlterIsr()
    {
        if (Any() is not { } held)
            return;
        var (topic, index, partition) = held;
        var asked = new AlterPartitionRequest.PartitionData
        {
            PartitionIndex = index,
            LeaderEpoch = partition.LeaderEpoch,
            PartitionEpoch = partition.PartitionEpoch,
            NewIsrWithEpochs = [.. partition.Replicas
                .Where(replica => replica == partition.Leader || _random.Next(4) > 0)
                .Select(replica => new AlterPartitionRequest.BrokerState
                {
                    BrokerId = replica, BrokerEpoch = EpochOf(replica),
                })],
        };
        var request = new AlterPartitionRequest
        {
            BrokerId = partition.Leader,
            BrokerEpoch = EpochOf(partition.Leader),
            Topics = [new() { TopicId = topic.Id, Partitions = [asked] }],
        };
        Take(AlterPartition.Decide(State, request, _configs), $"altered {topic.Name}-{index}");
    }

    private void Reassign()
    {
        if (Any() is not { } held)
            return;
        var brokers = State.Brokers.Select(broker => broker.Key).OrderBy(_ => _random.Next(1000)).ToList();
        var goal = _random.Next(5) == 0 ? null : brokers.Take(1 + _random.Next(3)).ToList();
        var decision = AlterPartitionReassignments.Decide(
            State,
            new()
            {
                Topics =
                [
                    new()
                    {
                        Name = held.Topic.Name,
                        Partitions = [new() { PartitionIndex = held.Index, Replicas = goal }],
                    },
                ],
            },
            _configs);
        if (decision.Answer.Responses[0].Partitions[0].ErrorCode == ErrorCode.None)
            _goals[(held.Topic.Name, held.Index)] = goal ?? [];
        Take(decision, $"sent {held.Topic.Name}-{held.Index} to {(goal is null ? "back" : string.Join(",", goal))}");
    }

    private void Elect()
    {
        var request = new ElectLeadersRequest
        {
            ElectionType = (sbyte)(_random.Next(4) == 0 ? 1 : 0),
            TopicPartitions = null,
        };
        if (request.ElectionType == 1 && !AllowsUnclean)
            request.ElectionType = 0;
        Take(ElectLeaders.Decide(State, request, _configs), "elected");
    }

    private HeldPartition? Any()
    {
        var all = State.Topics
            .SelectMany(topic => topic.Value.Partitions.Select(
                partition => new HeldPartition(topic.Value, partition.Key, partition.Value)))
            .ToList();
        return all.Count == 0 ? null : all[_random.Next(all.Count)];
    }

    private long EpochOf(BrokerId broker) => Sample.EpochOf(State, broker.Value);

    private void Take<TAnswer>(Decision<TAnswer, ITypedRecord> decision, string step = "began")
    {
        Step = step;
        _records.AddRange(decision.Records);
        State = State.Apply(decision.Records);
    }
}
