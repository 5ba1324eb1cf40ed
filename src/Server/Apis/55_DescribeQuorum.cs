using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Journal;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Shows who keeps the cluster's metadata, and how far each of them is (KIP-595, KIP-836, KIP-853).</summary>
public sealed class DescribeQuorumApi(Broker broker) : IApiHandler<DescribeQuorumRequest, DescribeQuorumResponse>
{
    private const string MetadataTopic = "__cluster_metadata";
    private const short FirstWithDirectories = 2;

    /// <inheritdoc/>
    public Pending<DescribeQuorumResponse> Handle(RequestContext context, DescribeQuorumRequest request)
    {
        if (request.Topics is not [{ TopicName: MetadataTopic, Partitions: [{ PartitionIndex: 0 }] }])
            return Unknown(request);
        var quorum = broker.Quorum();
        return new DescribeQuorumResponse
        {
            Topics = [new() { TopicName = MetadataTopic, Partitions = [Describe(quorum, context.Version)] }],
            Nodes = context.Version >= FirstWithDirectories
                ? [.. quorum.Voters.Select(voter => Locate(broker.State, voter.Id))]
                : [],
        };
    }

    private static DescribeQuorumResponse.PartitionData Describe(QuorumView quorum, short version) => new()
    {
        LeaderId = quorum.Leader,
        LeaderEpoch = quorum.Epoch,
        HighWatermark = quorum.HighWatermark,
        CurrentVoters = [.. quorum.Voters.Select(voter => Describe(voter, version))],
        Observers = [.. quorum.Observers.Select(observer => Describe(observer, version))],
    };

    private static DescribeQuorumResponse.ReplicaState Describe(QuorumMember member, short version) => new()
    {
        ReplicaId = member.Id,
        ReplicaDirectoryId = version >= FirstWithDirectories ? member.DirectoryId : Uuid.Zero,
        LogEndOffset = member.LogEnd,
        LastFetchTimestamp = member.LastFetch.ToUnixTimeMilliseconds(),
        LastCaughtUpTimestamp = member.LastCaughtUp.ToUnixTimeMilliseconds(),
    };

    /// <summary>Where a voter listens: a controller by its own registration, a node that is broker too by
    /// that.</summary>
    private static DescribeQuorumResponse.Node Locate(ClusterState state, BrokerId id)
    {
        var endpoints = state.Controllers.TryGetValue(id, out var controller) ? controller.Endpoints
            : state.Brokers.TryGetValue(id, out var node) ? node.Endpoints
            : [];
        return new()
        {
            NodeId = id,
            Listeners = [.. endpoints.Select(endpoint => new DescribeQuorumResponse.Listener
            {
                Name = endpoint.Name,
                Host = endpoint.Host,
                Port = (ushort)endpoint.Port,
            })],
        };
    }

    private static DescribeQuorumResponse Unknown(DescribeQuorumRequest request) => new()
    {
        Topics = [.. request.Topics.Select(topic => new DescribeQuorumResponse.TopicData
        {
            TopicName = topic.TopicName,
            Partitions = [.. topic.Partitions.Select(partition => new DescribeQuorumResponse.PartitionData
            {
                PartitionIndex = partition.PartitionIndex,
                ErrorCode = ErrorCode.UnknownTopicOrPartition,
            })],
        })],
    };
}
