using Barnabas.Base;
using Barnabas.Wire;
using Barnabas.Wire.Messages;

namespace Barnabas.Tests.Unit.Node;

/// <summary>Every version that ApiVersions shows is served: an API advertised works in every version
/// advertised.</summary>
public sealed class ApiVersionsServedTests
{
    [Fact]
    public void Every_api_answers_in_every_version_it_advertises()
    {
        var story = new NodeStory(1, TransactionRequests.Trusting);
        story.Tell(async () =>
        {
            await using var node = await story.StartAsync();
            await using var peer = await story.DialAsync();
            var topic = await NodeStory.CreateAsync(peer, "orders", 2);
            await NodeStory.ProduceAsync(peer, topic, NodeStory.Batch("a"));
            var asked = new SortedSet<ApiKey>();

            await EachAsync<ApiVersionsRequest, ApiVersionsResponse>(
                v => v < 3
                    ? new ApiVersionsRequest()
                    : new ApiVersionsRequest { ClientSoftwareName = "test", ClientSoftwareVersion = "1" },
                (_, a) =>
                    Assert.Contains(a.ApiKeys, api => api.ApiKey == (short)ApiKey.Produce && api.MinVersion == 0));
            await EachAsync<MetadataRequest, MetadataResponse>(
                v => new MetadataRequest
                {
                    Topics = [new() { Name = "orders" }, new() { Name = "missing!" }],
                    AllowAutoTopicCreation = v < 4,
                },
                (_, a) =>
                    Assert.Equal([ErrorCode.None, ErrorCode.InvalidTopicException], a.Topics.Select(t => t.ErrorCode)));
            await EachAsync<ProduceRequest, ProduceResponse>(
                v => Produce(v, topic),
                (_, a) => Assert.Equal(ErrorCode.None, a.Responses[0].PartitionResponses[0].ErrorCode), first: 3);
            await EachAsync<FetchRequest, FetchResponse>(
                v => Fetch(v, topic),
                (_, a) => Assert.Equal("a", NodeStory.ValuesOf(a.Responses[0].Partitions[0])[0]));
            await EachAsync<ListOffsetsRequest, ListOffsetsResponse>(
                v => new ListOffsetsRequest
                {
                    ReplicaId = new BrokerId(-1),
                    Topics = [new() { Name = "orders", Partitions = [new() { PartitionIndex = 0, Timestamp = -2 }] }],
                },
                (_, a) => Assert.Equal(new Offset(0), a.Topics[0].Partitions[0].Offset));
            await EachAsync<FindCoordinatorRequest, FindCoordinatorResponse>(
                v => v < 4
                    ? new FindCoordinatorRequest { Key = "g" }
                    : new FindCoordinatorRequest { CoordinatorKeys = ["g"] },
                (v, a) => Assert.Equal(ErrorCode.None, v < 4 ? a.ErrorCode : a.Coordinators[0].ErrorCode));
            await GroupApis();
            await TransactionApis();
            await EachAsync<CreateTopicsRequest, CreateTopicsResponse>(
                v => new CreateTopicsRequest
                {
                    Topics = [new() { Name = $"v{v}", NumPartitions = 1, ReplicationFactor = 1 }],
                },
                (_, a) => Assert.Equal(ErrorCode.None, a.Topics[0].ErrorCode));
            await EachAsync<CreatePartitionsRequest, CreatePartitionsResponse>(
                v => new CreatePartitionsRequest
                {
                    Topics = [new() { Name = "orders", Count = 3 + v, Assignments = null }],
                },
                (_, a) => Assert.Equal(ErrorCode.None, a.Results[0].ErrorCode));
            await EachAsync<DeleteTopicsRequest, DeleteTopicsResponse>(
                v => v < 6
                    ? new DeleteTopicsRequest { TopicNames = [$"v{v + 1}"] }
                    : new DeleteTopicsRequest { Topics = [new() { Name = $"v{v + 1}" }] },
                (_, a) => Assert.Equal(ErrorCode.None, a.Responses[0].ErrorCode), first: 1);
            await EachAsync<InitProducerIdRequest, InitProducerIdResponse>(
                _ => new InitProducerIdRequest { TransactionalId = null, TransactionTimeoutMs = 1000 },
                (_, a) => Assert.Equal(ErrorCode.None, a.ErrorCode));
            await EachAsync<WriteTxnMarkersRequest, WriteTxnMarkersResponse>(
                v => new WriteTxnMarkersRequest
                {
                    Markers =
                    [
                        new()
                        {
                            ProducerId = new(9_000),
                            ProducerEpoch = v,
                            Topics = [new() { Name = "orders", PartitionIndexes = [0] }],
                        },
                    ],
                },
                (_, a) => Assert.Equal(ErrorCode.None, a.Markers[0].Topics[0].Partitions[0].ErrorCode));
            await EachAsync<TxnOffsetCommitRequest, TxnOffsetCommitResponse>(
                _ => new TxnOffsetCommitRequest
                {
                    TransactionalId = "t",
                    GroupId = "g",
                    ProducerId = new(9_000),
                    ProducerEpoch = 9,
                    Topics = [new() { Name = "orders", Partitions = [new() { CommittedMetadata = null }] }],
                },
                (_, a) => Assert.Equal(ErrorCode.None, a.Topics[0].Partitions[0].ErrorCode));
            await EachAsync<DescribeConfigsRequest, DescribeConfigsResponse>(
                v => new DescribeConfigsRequest
                {
                    Resources = [new() { ResourceType = 2, ResourceName = "orders", ConfigurationKeys = null }],
                    IncludeSynonyms = true,
                    IncludeDocumentation = v >= 3,
                },
                (_, a) => Assert.True(a.Results[0].Configs.Count > 20));
            await EachAsync<AlterConfigsRequest, AlterConfigsResponse>(
                _ => new AlterConfigsRequest
                {
                    Resources =
                    [
                        new()
                        {
                            ResourceType = 2,
                            ResourceName = "orders",
                            Configs = [new() { Name = "retention.ms", Value = "5000" }],
                        },
                    ],
                },
                (_, a) => Assert.Equal(ErrorCode.None, a.Responses[0].ErrorCode));
            await EachAsync<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>(
                _ => new IncrementalAlterConfigsRequest
                {
                    Resources =
                    [
                        new()
                        {
                            ResourceType = 2,
                            ResourceName = "orders",
                            Configs = [new() { Name = "retention.ms", Value = "6000" }],
                        },
                    ],
                },
                (_, a) => Assert.Equal(ErrorCode.None, a.Responses[0].ErrorCode));
            await EachAsync<AlterClientQuotasRequest, AlterClientQuotasResponse>(
                v => new AlterClientQuotasRequest
                {
                    Entries =
                    [
                        new()
                        {
                            Entity = [new() { EntityType = "user", EntityName = "alice" }],
                            Ops = [new() { Key = "producer_byte_rate", Value = 1000 + v }],
                        },
                    ],
                },
                (_, a) => Assert.Equal(ErrorCode.None, a.Entries[0].ErrorCode));
            await EachAsync<DescribeClientQuotasRequest, DescribeClientQuotasResponse>(
                _ => new DescribeClientQuotasRequest(),
                (_, a) => Assert.Equal(1001, Assert.Single(a.Entries![0].Values).Value));
            await EachAsync<UpdateFeaturesRequest, UpdateFeaturesResponse>(
                v => new UpdateFeaturesRequest
                {
                    FeatureUpdates =
                    [
                        new()
                        {
                            Feature = "metadata.version",
                            MaxVersionLevel = (short)(28 - v),
                            AllowDowngrade = v == 0,
                            UpgradeType = (sbyte)(v == 0 ? 1 : 2),
                        },
                    ],
                },
                (_, a) => Assert.Equal(ErrorCode.None, a.ErrorCode));
            await EachAsync<ListConfigResourcesRequest, ListConfigResourcesResponse>(
                _ => new ListConfigResourcesRequest(),
                (v, a) => Assert.Equal(v == 0 ? 0 : 1, a.ConfigResources.Count(r => r.ResourceName == "orders")));
            await EachAsync<DescribeClusterRequest, DescribeClusterResponse>(
                v => new DescribeClusterRequest { IncludeFencedBrokers = v >= 2 },
                (_, a) => Assert.Equal(new BrokerId(1), Assert.Single(a.Brokers).BrokerId));
            var instance = Uuid.Zero;
            var subscription = 0;
            await EachAsync<GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse>(
                _ => new GetTelemetrySubscriptionsRequest(),
                (_, a) => (instance, subscription) = (a.ClientInstanceId, a.SubscriptionId));
            await EachAsync<PushTelemetryRequest, PushTelemetryResponse>(
                _ => new PushTelemetryRequest { ClientInstanceId = instance, SubscriptionId = subscription },
                (_, a) => Assert.Equal(ErrorCode.None, a.ErrorCode));
            await EachAsync<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse>(
                _ => new DescribeTopicPartitionsRequest { Topics = [new() { Name = "orders" }] },
                (_, a) => Assert.Equal("orders", a.Topics[0].Name));
            await PlacementApis();
            await LogApis();

            Assert.Equal(peer.Versions.All.Select(api => api.Key), asked);

            async Task PlacementApis()
            {
                await EachAsync<ElectLeadersRequest, ElectLeadersResponse>(
                    _ => new ElectLeadersRequest { TopicPartitions = [new() { Topic = "orders", Partitions = [0] }] },
                    (_, a) => Assert.Equal(
                        ErrorCode.ElectionNotNeeded, a.ReplicaElectionResults[0].PartitionResult[0].ErrorCode));
                await EachAsync<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse>(
                    _ => new AlterPartitionReassignmentsRequest
                    {
                        Topics = [new() { Name = "orders", Partitions = [new() { Replicas = null }] }],
                    },
                    (_, a) => Assert.Equal(
                        ErrorCode.NoReassignmentInProgress, a.Responses[0].Partitions[0].ErrorCode));
                await EachAsync<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse>(
                    _ => new ListPartitionReassignmentsRequest(), (_, a) => Assert.Empty(a.Topics));
                await EachAsync<UnregisterBrokerRequest, UnregisterBrokerResponse>(
                    _ => new UnregisterBrokerRequest { BrokerId = new BrokerId(7) },
                    (_, a) => Assert.Equal(ErrorCode.BrokerIdNotRegistered, a.ErrorCode));
            }

            async Task GroupApis()
            {
                await story.GroupsLoadedAsync(node, peer);
                await EachAsync<JoinGroupRequest, JoinGroupResponse>(
                    v => GroupRequests.Join($"g{v}", version: v),
                    (v, a) => Assert.Equal(v < 4 ? ErrorCode.None : ErrorCode.MemberIdRequired, a.ErrorCode));
                await EachAsync<SyncGroupRequest, SyncGroupResponse>(
                    _ => new SyncGroupRequest { GroupId = "none", MemberId = "m" },
                    (_, a) => Assert.Equal(ErrorCode.UnknownMemberId, a.ErrorCode));
                await EachAsync<HeartbeatRequest, HeartbeatResponse>(
                    _ => new HeartbeatRequest { GroupId = "none", MemberId = "m" },
                    (_, a) => Assert.Equal(ErrorCode.UnknownMemberId, a.ErrorCode));
                await EachAsync<LeaveGroupRequest, LeaveGroupResponse>(
                    v => v < 3
                        ? new LeaveGroupRequest { GroupId = "none", MemberId = "m" }
                        : new LeaveGroupRequest { GroupId = "none", Members = [new() { MemberId = "m" }] },
                    (v, a) => Assert.Equal(
                        ErrorCode.UnknownMemberId, v < 3 ? a.ErrorCode : a.Members[0].ErrorCode));
                await EachAsync<OffsetCommitRequest, OffsetCommitResponse>(
                    v => GroupRequests.Commit("alone", v < 10 ? "orders" : "", v < 10 ? TopicId.None : topic, 0, v),
                    (_, a) => Assert.Equal(ErrorCode.None, a.Topics[0].Partitions[0].ErrorCode));
                await EachAsync<OffsetFetchRequest, OffsetFetchResponse>(
                    v => GroupRequests.FetchOffsets(v, "alone", v < 10 ? "orders" : "", v < 10 ? TopicId.None : topic),
                    (v, a) => Assert.Equal(10, GroupRequests.OffsetOf(v, a)));
                await EachAsync<DescribeGroupsRequest, DescribeGroupsResponse>(
                    _ => new DescribeGroupsRequest { Groups = ["alone"] },
                    (_, a) => Assert.Equal("Empty", a.Groups[0].GroupState));
                await EachAsync<ListGroupsRequest, ListGroupsResponse>(
                    _ => new ListGroupsRequest(), (_, a) => Assert.Contains(a.Groups, g => g.GroupId == "alone"));
                await EachAsync<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>(
                    v => new ConsumerGroupHeartbeatRequest
                    {
                        GroupId = "next",
                        MemberId = v == 0 ? "" : "m",
                        RebalanceTimeoutMs = 1000,
                        SubscribedTopicNames = ["orders"],
                        TopicPartitions = [],
                    },
                    (v, a) => Assert.Equal((ErrorCode.None, v + 1), (a.ErrorCode, a.MemberEpoch)));
                await EachAsync<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse>(
                    _ => new ConsumerGroupDescribeRequest { GroupIds = ["next"] },
                    (v, a) => Assert.All(a.Groups[0].Members, m => Assert.Equal(v == 0 ? -1 : 1, m.MemberType)));
                await EachAsync<OffsetDeleteRequest, OffsetDeleteResponse>(
                    _ => new OffsetDeleteRequest
                    {
                        GroupId = "alone",
                        Topics = [new() { Name = "orders", Partitions = [new() { PartitionIndex = 1 }] }],
                    },
                    (_, a) => Assert.Equal(ErrorCode.None, a.Topics[0].Partitions[0].ErrorCode));
                await EachAsync<DeleteGroupsRequest, DeleteGroupsResponse>(
                    v => new DeleteGroupsRequest { GroupsNames = [v == 0 ? "alone" : "none"] },
                    (v, a) => Assert.Equal(
                        v == 0 ? ErrorCode.None : ErrorCode.GroupIdNotFound, a.Results[0].ErrorCode));
            }

            async Task TransactionApis()
            {
                await story.TransactionsLoadedAsync(node, peer);
                var producer = await story.InitAsync(peer);
                await EachAsync<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>(
                    v => v < 4
                        ? CoordinatorRequests.Add(producer, "orders", 0)
                        : CoordinatorRequests.AddForLeader(producer, v == 5, "orders", 0),
                    (v, a) => Assert.Equal(
                        ErrorCode.None,
                        (v < 4 ? a.ResultsByTopicV3AndBelow : a.ResultsByTransaction[0].TopicResults)[0]
                            .ResultsByPartition[0].PartitionErrorCode));
                await EachAsync<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>(
                    _ => new AddOffsetsToTxnRequest
                    {
                        TransactionalId = CoordinatorRequests.Id,
                        ProducerId = producer.Id,
                        ProducerEpoch = producer.Epoch,
                        GroupId = "alone",
                    },
                    (_, a) => Assert.Equal(ErrorCode.None, a.ErrorCode));
                await EachAsync<DescribeTransactionsRequest, DescribeTransactionsResponse>(
                    _ => new DescribeTransactionsRequest { TransactionalIds = [CoordinatorRequests.Id] },
                    (_, a) => Assert.Equal("Ongoing", a.TransactionStates[0].TransactionState));
                await EachAsync<ListTransactionsRequest, ListTransactionsResponse>(
                    _ => new ListTransactionsRequest { StateFilters = ["Ongoing"] },
                    (_, a) => Assert.Equal(CoordinatorRequests.Id, Assert.Single(a.TransactionStates).TransactionalId));
                // The first ends it; what comes again in the words of other protocols is answered by where it stands.
                await EachAsync<EndTxnRequest, EndTxnResponse>(
                    _ => CoordinatorRequests.End(producer, commits: true),
                    (v, a) => Assert.True(
                        a.ErrorCode is ErrorCode.None
                        || (v > 0 && a.ErrorCode is ErrorCode.ConcurrentTransactions or ErrorCode.InvalidTxnState)));
            }

            async Task LogApis()
            {
                await EachAsync<DeleteRecordsRequest, DeleteRecordsResponse>(
                    _ => new DeleteRecordsRequest
                    {
                        Topics =
                        [
                            new() { Name = "orders", Partitions = [new() { Offset = Offset.None }] },
                        ],
                    },
                    (_, a) => Assert.Equal(ErrorCode.None, a.Topics[0].Partitions[0].ErrorCode));
                await EachAsync<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>(
                    v => new OffsetForLeaderEpochRequest
                    {
                        ReplicaId = new BrokerId(v < 3 ? -2 : -1),
                        Topics = [new() { Topic = "orders", Partitions = [new() { Partition = 0 }] }],
                    },
                    (_, a) => Assert.True(a.Topics[0].Partitions[0].EndOffset > Offset.Zero));
                await EachAsync<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse>(
                    _ => new()
                    {
                        Dirs = [new() { Path = "/data", Topics = [new() { Name = "orders", Partitions = [0] }] }],
                    },
                    (_, a) => Assert.Equal(ErrorCode.None, a.Results[0].Partitions[0].ErrorCode));
                await EachAsync<DescribeLogDirsRequest, DescribeLogDirsResponse>(
                    _ => new DescribeLogDirsRequest { Topics = null },
                    (_, a) => Assert.Contains(a.Results[0].Topics, t => t.Name == "orders"));
                await EachAsync<DescribeQuorumRequest, DescribeQuorumResponse>(
                    _ => new DescribeQuorumRequest
                    {
                        Topics =
                        [
                            new() { TopicName = "__cluster_metadata", Partitions = [new() { PartitionIndex = 0 }] },
                        ],
                    },
                    (_, a) => Assert.Equal(new BrokerId(1), a.Topics[0].Partitions[0].LeaderId));
                await EachAsync<DescribeProducersRequest, DescribeProducersResponse>(
                    _ => new() { Topics = [new() { Name = "orders", PartitionIndexes = [0] }] },
                    (_, a) => Assert.Equal(ErrorCode.None, a.Topics[0].Partitions[0].ErrorCode));
            }


            async Task EachAsync<TRequest, TResponse>(
                Func<short, TRequest> make, Action<short, TResponse> check, short? first = null)
                where TRequest : IRequest<TRequest, TResponse>
                where TResponse : IApiMessage<TResponse>
            {
                asked.Add(TRequest.ApiKey);
                Assert.True(peer.TryChoose<TRequest>(out var last));
                for (var v = first ?? peer.Versions[TRequest.ApiKey]!.Value.Min; v <= last; v++)
                    check(v, await NodeStory.AskAsync<TRequest, TResponse>(peer, make(v), v));
            }
        });
        Assert.Empty(story.Halts);
    }

    private static ProduceRequest Produce(short version, TopicId topic) => new()
    {
        TransactionalId = null,
        Acks = 1,
        TimeoutMs = 1000,
        TopicData =
        [
            new()
            {
                Name = version < 13 ? "orders" : "",
                TopicId = version < 13 ? TopicId.None : topic,
                PartitionData = [new() { Index = 0, Records = new RecordBytes(NodeStory.Batch("b")) }],
            },
        ],
    };

    private static FetchRequest Fetch(short version, TopicId topic)
    {
        var request = NodeStory.Fetch(topic, 0);
        if (version < 13)
            (request.Topics[0].Topic, request.Topics[0].TopicId) = ("orders", TopicId.None);
        return request;
    }
}
