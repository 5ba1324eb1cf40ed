using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Adds partitions to topics (KIP-195, KIP-599).</summary>
public sealed class CreatePartitionsApi(Broker broker) : IApiHandler<CreatePartitionsRequest, CreatePartitionsResponse>
{
    private const short FirstVersionWithQuotaError = 3;

    /// <inheritdoc/>
    public Pending<CreatePartitionsResponse> Handle(RequestContext context, CreatePartitionsRequest request) =>
        Pending<CreatePartitionsResponse>.InOrder(AnswerAsync(context, request));

    private async Task<CreatePartitionsResponse?> AnswerAsync(RequestContext context, CreatePartitionsRequest request)
    {
        var quota = broker.Quotas.Mutations(context, FirstVersionWithQuotaError);
        var answer = await broker.ChangeAsync(
            state => quota.Within(budget => CreatePartitions.Decide(state, request, broker.TopicRules, budget)),
            () => CreatePartitions.Refuse(request, ApiError.Of(ErrorCode.NotController)));
        context.Throttle(quota.Wait);
        return answer;
    }
}
