using Barnabas.Server;
using Barnabas.Server.Apis;
using Barnabas.Server.Brokers;
using Barnabas.Wire;

namespace Barnabas.Node;

/// <summary>The APIs a broker serves: the list from which ApiVersions, the gates and docs/api.md follow.</summary>
public static class BrokerApis
{
    /// <summary>Produce is shown from version 0 on, though versions 0 to 2 are refused: librdkafka would otherwise not
    /// send compressed data (KAFKA-18659).</summary>
    private static readonly VersionRange AdvertisedProduce = new(0, 13);

    /// <summary>Fills a table with all of them.</summary>
    /// <param name="broker">What the handlers work with.</param>
    /// <param name="controller">What decides about brokers.</param>
    /// <param name="interBroker">The listener that brokers use among themselves; null for a node that is alone.</param>
    public static ApiTable Of(Broker broker, ActiveController controller, string? interBroker)
    {
        var table = new ApiTable { InterBrokerListener = interBroker };
        table.Add(ApiKey.Produce, () => ApiService.Of(new ProduceApi(broker)), advertised: AdvertisedProduce);
        table.Add(ApiKey.Fetch, () => ApiService.Of(new FetchApi(broker)));
        table.Add(ApiKey.ListOffsets, () => ApiService.Of(new ListOffsetsApi(broker)));
        table.Add(ApiKey.Metadata, () => ApiService.Of(new MetadataApi(broker)));
        table.Add(ApiKey.OffsetCommit, () => ApiService.Of(new OffsetCommitApi(broker)));
        table.Add(ApiKey.OffsetFetch, () => ApiService.Of(new OffsetFetchApi(broker)));
        table.Add(ApiKey.FindCoordinator, () => ApiService.Of(new FindCoordinatorApi(broker)));
        table.Add(ApiKey.JoinGroup, () => ApiService.Of(new JoinGroupApi(broker)));
        table.Add(ApiKey.Heartbeat, () => ApiService.Of(new HeartbeatApi(broker)));
        table.Add(ApiKey.LeaveGroup, () => ApiService.Of(new LeaveGroupApi(broker)));
        table.Add(ApiKey.SyncGroup, () => ApiService.Of(new SyncGroupApi(broker)));
        table.Add(ApiKey.DescribeGroups, () => ApiService.Of(new DescribeGroupsApi(broker)));
        table.Add(ApiKey.ListGroups, () => ApiService.Of(new ListGroupsApi(broker)));
        table.Add(ApiKey.ApiVersions, () => ApiService.Of(new ApiVersionsApi(table, () => FeaturesOf(broker))));
        AddForController(ApiKey.CreateTopics, () => Forward(new CreateTopicsApi(broker)));
        AddForController(ApiKey.DeleteTopics, () => Forward(new DeleteTopicsApi(broker)));
        table.Add(ApiKey.DeleteRecords, () => ApiService.Of(new DeleteRecordsApi(broker)));
        table.Add(ApiKey.InitProducerId, () => ApiService.Of(new InitProducerIdApi(broker)));
        table.Add(ApiKey.OffsetForLeaderEpoch, () => ApiService.Of(new OffsetForLeaderEpochApi(broker)));
        table.Add(ApiKey.AddPartitionsToTxn, () => ApiService.Of(new AddPartitionsToTxnApi(broker)));
        table.Add(ApiKey.AddOffsetsToTxn, () => ApiService.Of(new AddOffsetsToTxnApi(broker)));
        table.Add(ApiKey.EndTxn, () => ApiService.Of(new EndTxnApi(broker)));
        table.Add(ApiKey.WriteTxnMarkers, () => ApiService.Of(new WriteTxnMarkersApi(broker)));
        table.Add(ApiKey.TxnOffsetCommit, () => ApiService.Of(new TxnOffsetCommitApi(broker)));
        table.Add(ApiKey.DescribeConfigs, () => ApiService.Of(new DescribeConfigsApi(broker)));
        AddForController(ApiKey.AlterConfigs, () => Forward(new AlterConfigsApi(broker)));
        table.Add(ApiKey.AlterReplicaLogDirs, () => ApiService.Of(new AlterReplicaLogDirsApi(broker)));
        table.Add(ApiKey.DescribeLogDirs, () => ApiService.Of(new DescribeLogDirsApi(broker)));
        AddForController(ApiKey.CreatePartitions, () => Forward(new CreatePartitionsApi(broker)));
        table.Add(ApiKey.DeleteGroups, () => ApiService.Of(new DeleteGroupsApi(broker)));
        AddForController(ApiKey.ElectLeaders, () => Forward(new ElectLeadersApi(broker)));
        AddForController(ApiKey.IncrementalAlterConfigs, () => ApiService.Of(new IncrementalAlterConfigsApi(broker)));
        AddForController(ApiKey.AlterPartitionReassignments, () => Forward(new AlterPartitionReassignmentsApi(broker)));
        AddForController(ApiKey.ListPartitionReassignments, () => Forward(new ListPartitionReassignmentsApi(broker)));
        table.Add(ApiKey.OffsetDelete, () => ApiService.Of(new OffsetDeleteApi(broker)));
        table.Add(ApiKey.DescribeClientQuotas, () => ApiService.Of(new DescribeClientQuotasApi(broker)));
        AddForController(ApiKey.AlterClientQuotas, () => Forward(new AlterClientQuotasApi(broker)));
        table.Add(ApiKey.DescribeQuorum, () => ApiService.Of(new DescribeQuorumApi(broker)));
        table.Add(ApiKey.DescribeProducers, () => ApiService.Of(new DescribeProducersApi(broker)));
        AddForController(ApiKey.UpdateFeatures, () => Forward(new UpdateFeaturesApi(broker)));
        AddForController(ApiKey.UnregisterBroker, () => Forward(new UnregisterBrokerApi(broker)));
        table.Add(ApiKey.DescribeCluster, () => ApiService.Of(new DescribeClusterApi(broker)));
        table.Add(ApiKey.ListConfigResources, () => ApiService.Of(new ListConfigResourcesApi(broker)));
        table.Add(ApiKey.DescribeTransactions, () => ApiService.Of(new DescribeTransactionsApi(broker)));
        table.Add(ApiKey.ListTransactions, () => ApiService.Of(new ListTransactionsApi(broker)));
        table.Add(ApiKey.ConsumerGroupHeartbeat, () => ApiService.Of(new ConsumerGroupHeartbeatApi(broker)));
        table.Add(ApiKey.ConsumerGroupDescribe, () => ApiService.Of(new ConsumerGroupDescribeApi(broker)));
        table.Add(ApiKey.GetTelemetrySubscriptions, () => ApiService.Of(new GetTelemetrySubscriptionsApi(broker)));
        table.Add(ApiKey.PushTelemetry, () => ApiService.Of(new PushTelemetryApi(broker)));
        table.Add(ApiKey.DescribeTopicPartitions, () => ApiService.Of(new DescribeTopicPartitionsApi(broker)));
        AddForBrokers(ApiKey.AlterPartition, () => ApiService.Of(new AlterPartitionApi(broker)));
        AddForBrokers(ApiKey.BrokerRegistration, () => ApiService.Of(new BrokerRegistrationApi(broker, controller)));
        AddForBrokers(ApiKey.BrokerHeartbeat, () => ApiService.Of(new BrokerHeartbeatApi(broker, controller)));
        AddForBrokers(ApiKey.Envelope, () => ApiService.Of(new EnvelopeApi(table, broker.Link)));
        AddForBrokers(ApiKey.AllocateProducerIds, () => ApiService.Of(new AllocateProducerIdsApi(broker)));
        AddForBrokers(ApiKey.AssignReplicasToDirs, () => ApiService.Of(new AssignReplicasToDirsApi(broker)));
        return table;

        void AddForController(ApiKey key, Func<ApiService> make) =>
            table.Add(key, make, audience: ApiAudience.ClientsOfController);

        void AddForBrokers(ApiKey key, Func<ApiService> make) =>
            table.Add(key, make, audience: ApiAudience.Brokers);

        ApiService Forward<TRequest, TResponse>(IApiHandler<TRequest, TResponse> handler)
            where TRequest : IRequest<TRequest, TResponse>
            where TResponse : class, IApiMessage<TResponse> =>
            ApiService.Of(new Forwarded<TRequest, TResponse>(handler, broker.Link));
    }

    private static Features FeaturesOf(Broker broker)
    {
        var held = broker.Controller.Held;
        return new Features(
            [.. broker.Features.Select(f => (f.Key, new VersionRange(f.Value.Min, f.Value.Max)))],
            [.. held.State.Visible.Features.Select(f => (f.Key, f.Value))],
            held.Offset);
    }
}
