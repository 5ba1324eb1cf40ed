using Barnabas.Base;
using Barnabas.Groups.Consumer;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Lets members into consumer groups, keeps them up to date, and takes them out (KIP-848, KIP-1082).</summary>
public sealed class ConsumerGroupHeartbeatApi(Broker broker)
    : IApiHandler<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>
{
    /// <inheritdoc/>
    public Pending<ConsumerGroupHeartbeatResponse> Handle(
        RequestContext context, ConsumerGroupHeartbeatRequest request) =>
        broker.Groups.ServesConsumerProtocol
            ? Pending<ConsumerGroupHeartbeatResponse>.InOrder(AnswerAsync(context, request))
            : Refuse(ErrorCode.UnsupportedVersion);

    private async Task<ConsumerGroupHeartbeatResponse?> AnswerAsync(
        RequestContext context, ConsumerGroupHeartbeatRequest request)
    {
        var (version, clientId, clientHost) = (context.Version, context.ClientId ?? "", context.ClientHost());
        var newMemberId = request.MemberId.Length > 0 ? request.MemberId : MemberIds.New(broker.Host.Random).ToString();
        return await broker.Groups.CommandAsync(
            request.GroupId,
            (state, rules) => ConsumerGroupHeartbeat.Decide(state.Find(request.GroupId)?.Membership, request, new()
            {
                Version = version,
                ClientId = clientId,
                ClientHost = clientHost,
                NewMemberId = newMemberId,
                Rules = rules,
            }),
            Refuse);
    }

    private static ConsumerGroupHeartbeatResponse Refuse(ErrorCode error) =>
        new() { ErrorCode = error, ErrorMessage = error.Meaning() };
}
