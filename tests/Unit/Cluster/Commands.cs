using System.Globalization;
using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Cluster.Configs;
using Barnabas.Journal;
using Barnabas.Sim;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Cluster;

/// <summary>Random commands on a cluster, as clients and brokers may send them, legal or not.</summary>
internal sealed class Commands
{
    private static readonly string[] Names = ["a", "b.c", "b_c", "orders", "x" + new string('y', 300), ""];
    private readonly SimRandom _random;
    private readonly TopicRules _rules;
    private readonly List<ITypedRecord> _records = [];
    private ClusterState _state = ClusterState.Empty;

    private Commands(int seed)
    {
        _random = new SimRandom((ulong)seed);
        _rules = new TopicRules(Sample.Configs, _random);
    }

    /// <summary>The state after so many commands, and all their records.</summary>
    public static (ClusterState Tip, IReadOnlyList<ITypedRecord> Records) Run(int seed, int count)
    {
        var commands = new Commands(seed);
        commands.Take(FinalizeFeatures.Decide(
            commands._state, FinalizeFeatures.Records(new Dictionary<string, short> { ["metadata.version"] = 29 }),
            Sample.Configs));
        for (var i = 0; i < count; i++)
            commands.Next();
        return (commands._state, commands._records);
    }

    private void Next()
    {
        var broker = Broker();
        switch (_random.Next(10))
        {
            case 0 or 1:
                Register();
                break;
            case 2:
                Take(FenceBroker.Unfence(_state, broker, EpochOf(broker), Sample.Configs));
                break;
            case 3:
                Take(_random.Next(2) == 0
                    ? FenceBroker.Fence(_state, broker, EpochOf(broker), Sample.Configs)
                    : FenceBroker.ShutDown(_state, broker, EpochOf(broker), Sample.Configs));
                break;
            case 4 or 5:
                Take(CreateTopics.Decide(_state, new() { Topics = [NewTopic()] }, _rules));
                break;
            case 6:
                Take(CreatePartitions.Decide(
                    _state,
                    new() { Topics = [new() { Name = Name(), Count = _random.Next(9), Assignments = null }] },
                    _rules));
                break;
            case 7:
                Take(DeleteTopics.Decide(_state, new() { TopicNames = [Name()] }));
                break;
            case 8:
                Take(IncrementalAlterConfigs.Decide(_state, NewConfigs(), Sample.Configs));
                break;
            default:
                Take(AllocateProducerIds.Decide(_state, new() { BrokerId = broker, BrokerEpoch = EpochOf(broker) }));
                break;
        }
    }

    private void Register() => Take(RegisterBroker.Decide(
        _state,
        new()
        {
            BrokerId = Broker(),
            ClusterId = "c",
            IncarnationId = new Uuid(1, (ulong)_random.Next(1000)),
            Listeners = [new() { Name = "PLAINTEXT", Host = "h", Port = 9092 }],
            Features = [new() { Name = "metadata.version", MinSupportedVersion = 7, MaxSupportedVersion = 29 }],
            LogDirs = [new Uuid(2, (ulong)(200 + _random.Next(6)))],
            Rack = _random.Next(2) == 0 ? null : "r",
        },
        new Membership("c", _records.Count, _ => false),
        Sample.Configs));

    private CreateTopicsRequest.CreatableTopic NewTopic()
    {
        var topic = new CreateTopicsRequest.CreatableTopic
        {
            Name = Name(),
            NumPartitions = _random.Next(6) - 1,
            ReplicationFactor = (short)(_random.Next(4) - 1),
        };
        if (_random.Next(3) == 0)
        {
            var value = _random.Next(9).ToString(CultureInfo.InvariantCulture);
            topic.Configs = [new() { Name = "retention.ms", Value = value }];
        }

        if (_random.Next(4) == 0)
        {
            (topic.NumPartitions, topic.ReplicationFactor) = (-1, -1);
            topic.Assignments = [new() { PartitionIndex = 0, BrokerIds = [Broker(), Broker()] }];
        }

        return topic;
    }

    private IncrementalAlterConfigsRequest NewConfigs() => new()
    {
        Resources =
        [
            new()
            {
                ResourceType = (sbyte)(_random.Next(2) == 0 ? ConfigResourceType.Topic : ConfigResourceType.Broker),
                ResourceName = _random.Next(2) == 0 ? Name() : "1",
                Configs =
                [
                    new() { Name = "cleanup.policy", ConfigOperation = (sbyte)_random.Next(4), Value = "compact" },
                ],
            },
        ],
    };

    private string Name() => Names[_random.Next(Names.Length)];

    private BrokerId Broker() => new(1 + _random.Next(4));

    private long EpochOf(BrokerId id) =>
        _random.Next(5) > 0 && _state.Brokers.TryGetValue(id, out var broker) ? broker.Epoch : _random.Next(50);

    private void Take<TAnswer>(Decision<TAnswer, ITypedRecord> decision)
    {
        _records.AddRange(decision.Records);
        _state = _state.After(decision);
    }
}
