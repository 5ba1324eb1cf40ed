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

    private Task<CreatePartitionsResponse?> AnswerAsync(RequestContext context, CreatePartitionsRequest request) =>
        broker.ChangeAsync(
            context, FirstVersionWithQuotaError,
            (state, budget) => CreatePartitions.Decide(state, request, broker.TopicRules, budget),
            () => CreatePartitions.Refuse(request, ApiError.Of(ErrorCode.NotController)));
}
