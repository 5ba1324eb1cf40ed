using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Says what cluster this is and which brokers it has (KIP-700, KIP-919, KIP-1073).</summary>
public sealed class DescribeClusterApi(Broker broker) : IApiHandler<DescribeClusterRequest, DescribeClusterResponse>
{
    private const sbyte Brokers = 1;
    private const sbyte Controllers = 2;

    /// <inheritdoc/>
    public Pending<DescribeClusterResponse> Handle(RequestContext context, DescribeClusterRequest request)
    {
        if (request.EndpointType != Brokers)
        {
            var isKnown = request.EndpointType == Controllers;
            return new DescribeClusterResponse
            {
                ErrorCode = isKnown ? ErrorCode.MismatchedEndpointType : ErrorCode.UnsupportedEndpointType,
                ErrorMessage = isKnown
                    ? "The request was sent to an endpoint of the wrong type."
                    : "The endpoint type is not known.",
                EndpointType = request.EndpointType,
            };
        }

        var state = broker.State;
        var response = new DescribeClusterResponse
        {
            ClusterId = broker.ClusterId,
            ControllerId = Broker.ControllerFor(state, context.Connection.Listener),
            ClusterAuthorizedOperations =
                AuthorizedOperations.If(request.IncludeClusterAuthorizedOperations, AuthorizedOperations.OfCluster),
        };
        var brokers = Broker.BrokersAt(state, context.Connection.Listener, request.IncludeFencedBrokers);
        foreach (var (node, endpoint) in brokers)
        {
            response.Brokers.Add(new()
            {
                BrokerId = node.Id,
                Host = endpoint.Host,
                Port = endpoint.Port,
                Rack = node.Rack,
                IsFenced = context.Version >= 2 && node.Fenced,
            });
        }

        return response;
    }
}
