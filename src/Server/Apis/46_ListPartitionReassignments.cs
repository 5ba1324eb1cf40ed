using Barnabas.Cluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Lists the moves of partitions that are under way (KIP-455).</summary>
public sealed class ListPartitionReassignmentsApi(Broker broker)
    : IApiHandler<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse>
{
    /// <inheritdoc/>
    public Pending<ListPartitionReassignmentsResponse> Handle(
        RequestContext context, ListPartitionReassignmentsRequest request) =>
        ListPartitionReassignments.Answer(broker.State, request);
}
