using Barnabas.Base;
using Barnabas.Cluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Adds partitions to topics (KIP-195).</summary>
public sealed class CreatePartitionsApi(Broker broker) : IApiHandler<CreatePartitionsRequest, CreatePartitionsResponse>
{
    /// <inheritdoc/>
    public Pending<CreatePartitionsResponse> Handle(RequestContext context, CreatePartitionsRequest request) =>
        Pending<CreatePartitionsResponse>.InOrder(AnswerAsync(request));

    private async Task<CreatePartitionsResponse?> AnswerAsync(CreatePartitionsRequest request) => await broker.ChangeAsync(
        state => CreatePartitions.Decide(state, request, broker.TopicRules),
        () => CreatePartitions.Refuse(request, ApiError.Of(ErrorCode.NotController)));
}
