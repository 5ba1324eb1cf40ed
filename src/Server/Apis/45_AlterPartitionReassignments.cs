using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Has partitions move to other brokers, or stops such moves (KIP-455, KIP-860).</summary>
public sealed class AlterPartitionReassignmentsApi(Broker broker)
    : IApiHandler<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse>
{
    /// <inheritdoc/>
    public Pending<AlterPartitionReassignmentsResponse> Handle(
        RequestContext context, AlterPartitionReassignmentsRequest request) =>
        Pending<AlterPartitionReassignmentsResponse>.InOrder(AnswerAsync(request));

    private async Task<AlterPartitionReassignmentsResponse?> AnswerAsync(
        AlterPartitionReassignmentsRequest request) => await broker.ChangeAsync(
        state => AlterPartitionReassignments.Decide(state, request, broker.Configs),
        () => AlterPartitionReassignments.Refuse(request, ApiError.Of(ErrorCode.NotController)));
}
