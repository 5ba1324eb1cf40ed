using Barnabas.Groups.Classic;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Hands a leader's assignment to a classic group, and each member its share (KIP-345, KIP-559).</summary>
public sealed class SyncGroupApi(Broker broker) : IApiHandler<SyncGroupRequest, SyncGroupResponse>
{
    /// <inheritdoc/>
    public Pending<SyncGroupResponse> Handle(RequestContext context, SyncGroupRequest request) =>
        Pending<SyncGroupResponse>.InOrder(AnswerAsync(request));

    private async Task<SyncGroupResponse?> AnswerAsync(SyncGroupRequest request) => await broker.Groups.ParkAsync(
        request.GroupId,
        (state, ticket, rules) => SyncGroup.Decide(state, request, ticket, rules),
        error => new SyncGroupResponse { ErrorCode = error });
}
