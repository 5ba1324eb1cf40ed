using Barnabas.Cluster;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Shows client quotas (KIP-546, KIP-612).</summary>
public sealed class DescribeClientQuotasApi(Broker broker)
    : IApiHandler<DescribeClientQuotasRequest, DescribeClientQuotasResponse>
{
    /// <inheritdoc/>
    public Pending<DescribeClientQuotasResponse> Handle(RequestContext context, DescribeClientQuotasRequest request) =>
        DescribeClientQuotas.Answer(broker.State, request);
}
