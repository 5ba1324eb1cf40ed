using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Takes note of the log directories that a broker's replicas are in (KIP-858).</summary>
public sealed class AssignReplicasToDirsApi(Broker broker)
    : IApiHandler<AssignReplicasToDirsRequest, AssignReplicasToDirsResponse>
{
    /// <inheritdoc/>
    public Pending<AssignReplicasToDirsResponse> Handle(
        RequestContext context, AssignReplicasToDirsRequest request) =>
        Pending<AssignReplicasToDirsResponse>.InOrder(AnswerAsync(request));

    private async Task<AssignReplicasToDirsResponse?> AnswerAsync(AssignReplicasToDirsRequest request) =>
        await broker.Controller.CommandAsync(
            state => AssignReplicasToDirs.Decide(state, request, broker.Configs),
            () => AssignReplicasToDirs.Refuse(ErrorCode.NotController));
}
