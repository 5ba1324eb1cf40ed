using Barnabas.Base;
using Barnabas.Groups.Classic;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Takes the word of a classic group's member that it lives, and says whether it has to join again
/// (KIP-345).</summary>
public sealed class HeartbeatApi(Broker broker) : IApiHandler<HeartbeatRequest, HeartbeatResponse>
{
    /// <inheritdoc/>
    public Pending<HeartbeatResponse> Handle(RequestContext context, HeartbeatRequest request) =>
        Pending<HeartbeatResponse>.InOrder(AnswerAsync(request));

    private async Task<HeartbeatResponse?> AnswerAsync(HeartbeatRequest request)
    {
        var error = await broker.Groups.CommandAsync(
            request.GroupId, (state, rules) => Heartbeat.Decide(state, request, rules), error => error);
        // Once the group is loaded every member has its whole session timeout again.
        if (error == ErrorCode.CoordinatorLoadInProgress)
            error = ErrorCode.None;
        return new HeartbeatResponse { ErrorCode = error };
    }
}
