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
        table.Add(new ProduceApi(broker), advertised: AdvertisedProduce);
        table.Add(new FetchApi(broker));
        table.Add(new ListOffsetsApi(broker));
        table.Add(new MetadataApi(broker));
        table.Add(new OffsetCommitApi(broker));
        table.Add(new OffsetFetchApi(broker));
        table.Add(new FindCoordinatorApi(broker));
        table.Add(new JoinGroupApi(broker));
        table.Add(new HeartbeatApi(broker));
        table.Add(new LeaveGroupApi(broker));
        table.Add(new SyncGroupApi(broker));
        table.Add(new DescribeGroupsApi(broker));
        table.Add(new ListGroupsApi(broker));
        table.Add(new ApiVersionsApi(table, () => FeaturesOf(broker)));
        AddForController(new CreateTopicsApi(broker));
        AddForController(new DeleteTopicsApi(broker));
        table.Add(new DeleteRecordsApi(broker));
        table.Add(new InitProducerIdApi(broker));
        table.Add(new OffsetForLeaderEpochApi(broker));
        table.Add(new AddPartitionsToTxnApi(broker));
        table.Add(new AddOffsetsToTxnApi(broker));
        table.Add(new EndTxnApi(broker));
        table.Add(new WriteTxnMarkersApi(broker));
        table.Add(new TxnOffsetCommitApi(broker));
        table.Add(new DescribeConfigsApi(broker));
        AddForController(new AlterConfigsApi(broker));
        table.Add(new AlterReplicaLogDirsApi(broker));
        table.Add(new DescribeLogDirsApi(broker));
        AddForController(new CreatePartitionsApi(broker));
        table.Add(new DeleteGroupsApi(broker));
        AddForController(new ElectLeadersApi(broker));
        table.Add(new IncrementalAlterConfigsApi(broker), audience: ApiAudience.ClientsOfController);
        AddForController(new AlterPartitionReassignmentsApi(broker));
        AddForController(new ListPartitionReassignmentsApi(broker));
        table.Add(new OffsetDeleteApi(broker));
        table.Add(new DescribeClientQuotasApi(broker));
        AddForController(new AlterClientQuotasApi(broker));
        table.Add(new DescribeQuorumApi(broker));
        table.Add(new DescribeProducersApi(broker));
        AddForController(new UpdateFeaturesApi(broker));
        AddForController(new UnregisterBrokerApi(broker));
        table.Add(new DescribeClusterApi(broker));
        table.Add(new ListConfigResourcesApi(broker));
        table.Add(new DescribeTransactionsApi(broker));
        table.Add(new ListTransactionsApi(broker));
        table.Add(new ConsumerGroupHeartbeatApi(broker));
        table.Add(new ConsumerGroupDescribeApi(broker));
        table.Add(new GetTelemetrySubscriptionsApi(broker));
        table.Add(new PushTelemetryApi(broker));
        table.Add(new DescribeTopicPartitionsApi(broker));
        table.Add(new AlterPartitionApi(broker), audience: ApiAudience.Brokers);
        table.Add(new BrokerRegistrationApi(broker, controller), audience: ApiAudience.Brokers);
        table.Add(new BrokerHeartbeatApi(broker, controller), audience: ApiAudience.Brokers);
        table.Add(new EnvelopeApi(table, broker.Link), audience: ApiAudience.Brokers);
        table.Add(new AllocateProducerIdsApi(broker), audience: ApiAudience.Brokers);
        table.Add(new AssignReplicasToDirsApi(broker), audience: ApiAudience.Brokers);
        return table;

        void AddForController<TRequest, TResponse>(IApiHandler<TRequest, TResponse> handler)
            where TRequest : IRequest<TRequest, TResponse>
            where TResponse : class, IApiMessage<TResponse> =>
            table.Add(
                new Forwarded<TRequest, TResponse>(handler, broker.Link),
                audience: ApiAudience.ClientsOfController);
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
