using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Tells clients that asked the wrong broker who leads and where that is, so that they need not look it up
/// (KIP-951).</summary>
internal sealed class LeaderHints(Broker broker, string listener)
{
    private const short FirstProduceVersion = 10;
    private const short FirstFetchVersion = 16;
    private readonly ClusterState _state = broker.State;
    private readonly Dictionary<BrokerId, (BrokerState Broker, Endpoint At)> _named = [];

    /// <summary>Adds what a client should know to an answer to Produce.</summary>
    public static void AddTo(ProduceResponse response, Broker broker, RequestContext context)
    {
        LeaderHints? hints = null;
        foreach (var topic in response.Responses)
        {
            foreach (var partition in topic.PartitionResponses)
            {
                if (partition.ErrorCode != ErrorCode.NotLeaderOrFollower || context.Version < FirstProduceVersion)
                    continue;
                hints ??= new LeaderHints(broker, context.Connection.Listener);
                if (hints.Of(topic.Name, topic.TopicId, partition.Index) is { } now)
                    partition.CurrentLeader = new() { LeaderId = now.Leader, LeaderEpoch = now.LeaderEpoch };
            }
        }

        if (hints is null)
            return;
        foreach (var (id, (node, at)) in hints._named)
            response.NodeEndpoints.Add(new() { NodeId = id, Host = at.Host, Port = at.Port, Rack = node.Rack });
    }

    /// <summary>Adds what a client should know to an answer to Fetch.</summary>
    public static void AddTo(FetchResponse response, Broker broker, RequestContext context)
    {
        LeaderHints? hints = null;
        foreach (var topic in response.Responses)
        {
            foreach (var partition in topic.Partitions)
            {
                if (partition.ErrorCode is not (ErrorCode.NotLeaderOrFollower or ErrorCode.FencedLeaderEpoch)
                    || context.Version < FirstFetchVersion)
                {
                    continue;
                }

                hints ??= new LeaderHints(broker, context.Connection.Listener);
                if (hints.Of(topic.Topic, topic.TopicId, partition.PartitionIndex) is { } now)
                    partition.CurrentLeader = new() { LeaderId = now.Leader, LeaderEpoch = now.LeaderEpoch };
            }
        }

        if (hints is null)
            return;
        foreach (var (id, (node, at)) in hints._named)
            response.NodeEndpoints.Add(new() { NodeId = id, Host = at.Host, Port = at.Port, Rack = node.Rack });
    }

    /// <summary>The partition as the cluster has it, whose leader is remembered; null where there is none, and where
    /// the client asked the right broker: it has nothing to look up, and some clients cannot read past a tagged
    /// field.</summary>
    private PartitionState? Of(string name, TopicId id, int index)
    {
        broker.Topics.FindTopic(name, id, out var topic);
        if (topic is null || !topic.Partitions.TryGetValue(index, out var partition) || partition.Leader == broker.Id)
            return null;
        if (_state.Brokers.TryGetValue(partition.Leader, out var leader) && !leader.Fenced
            && leader.EndpointOf(listener) is { } at)
        {
            _named[leader.Id] = (leader, at);
        }

        return partition;
    }
}
