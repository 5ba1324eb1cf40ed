using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Changes who is in sync with the leaders of partitions (KIP-497, KIP-841, KIP-903).</summary>
public sealed class AlterPartitionApi(Broker broker)
    : IApiHandler<AlterPartitionRequest, AlterPartitionResponse>
{
    /// <inheritdoc/>
    public Pending<AlterPartitionResponse> Handle(RequestContext context, AlterPartitionRequest request) =>
        Pending<AlterPartitionResponse>.InOrder(AnswerAsync(request));

    private async Task<AlterPartitionResponse?> AnswerAsync(AlterPartitionRequest request) =>
        await broker.Controller.CommandAsync(
            state => AlterPartition.Decide(state, request, broker.Configs),
            () => new AlterPartitionResponse { ErrorCode = ErrorCode.NotController });
}
