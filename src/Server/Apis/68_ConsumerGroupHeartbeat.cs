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
        var matches = await MatchAsync(request);
        return await broker.Groups.CommandAsync(
            request.GroupId,
            (state, rules) => ConsumerGroupHeartbeat.Decide(state.Find(request.GroupId)?.Membership, request, new()
            {
                Version = version,
                ClientId = clientId,
                ClientHost = clientHost,
                NewMemberId = newMemberId,
                Matches = matches,
                Rules = rules,
            }),
            Refuse);
    }

    /// <summary>Matches the patterns that are due, on a thread that may take its time.</summary>
    private async Task<IReadOnlyDictionary<string, ResolvedPattern>> MatchAsync(ConsumerGroupHeartbeatRequest request)
    {
        var rules = broker.Groups.Rules;
        var membership = broker.Groups.Find(request.GroupId)?.Committed.Find(request.GroupId)?.Membership;
        var due = PatternMatches.Due(membership, request, rules);
        return due.Count == 0
            ? PatternMatches.None
            : await broker.Host.Lanes.RunBlockingAsync(() => PatternMatches.Of(due, rules.Cluster, rules.Now));
    }

    private static ConsumerGroupHeartbeatResponse Refuse(ErrorCode error) =>
        new() { ErrorCode = error, ErrorMessage = error.Meaning() };
}
