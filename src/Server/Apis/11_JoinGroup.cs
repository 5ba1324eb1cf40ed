using Barnabas.Groups.Classic;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Lets a member into a classic group, and answers when all have joined (KIP-62, KIP-345, KIP-394, KIP-559,
/// KIP-800, KIP-814).</summary>
public sealed class JoinGroupApi(Broker broker) : IApiHandler<JoinGroupRequest, JoinGroupResponse>
{
    private const int FirstVersionWithoutProtocolName = 7;

    /// <inheritdoc/>
    public Pending<JoinGroupResponse> Handle(RequestContext context, JoinGroupRequest request)
    {
        var command = Read(context, request);
        // What is needed of the request is copied, and the wait may be long.
        context.ReleaseFrame();
        return Pending<JoinGroupResponse>.InOrder(AnswerAsync(context, command));
    }

    private async Task<JoinGroupResponse?> AnswerAsync(RequestContext context, JoinCommand command)
    {
        var answer = await broker.Groups.ParkAsync(
            command.GroupId,
            (state, ticket, rules) => JoinGroup.Decide(state, command with { Ticket = ticket }, rules),
            error => new JoinGroupResponse { ErrorCode = error, ProtocolName = "", MemberId = command.MemberId });
        if (context.Version >= FirstVersionWithoutProtocolName && answer.ProtocolName is "")
            answer.ProtocolName = null;
        return answer;
    }

    private JoinCommand Read(RequestContext context, JoinGroupRequest request)
    {
        var session = TimeSpan.FromMilliseconds(request.SessionTimeoutMs);
        var clientId = context.ClientId ?? "";
        return new()
        {
            GroupId = request.GroupId,
            MemberId = request.MemberId,
            InstanceId = request.GroupInstanceId,
            NewMemberId = $"{request.GroupInstanceId ?? clientId}-{MemberIds.New(broker.Host.Random)}",
            Type = request.ProtocolType,
            Protocols = [.. request.Protocols.Select(p => new MemberProtocol(p.Name, p.Metadata.ToArray()))],
            RebalanceTimeout = context.Version == 0 || request.RebalanceTimeoutMs < 0
                ? session
                : TimeSpan.FromMilliseconds(request.RebalanceTimeoutMs),
            SessionTimeout = session,
            ClientId = clientId,
            ClientHost = context.ClientHost(),
            Version = context.Version,
        };
    }
}
