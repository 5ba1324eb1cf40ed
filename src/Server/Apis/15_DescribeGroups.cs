using Barnabas.Base;
using Barnabas.Groups;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Shows the state and the members of classic groups (KIP-345, KIP-430, KIP-1043).</summary>
public sealed class DescribeGroupsApi(Broker broker) : IApiHandler<DescribeGroupsRequest, DescribeGroupsResponse>
{
    /// <inheritdoc/>
    public Pending<DescribeGroupsResponse> Handle(RequestContext context, DescribeGroupsRequest request) =>
        new DescribeGroupsResponse
        {
            // A group costs a few bytes to ask for and may cost many to show: once each is enough.
            Groups = [.. request.Groups.Distinct(StringComparer.Ordinal).Select(id => Describe(context, request, id))],
        };

    private DescribeGroupsResponse.DescribedGroup Describe(
        RequestContext context, DescribeGroupsRequest request, string id)
    {
        var shard = broker.Groups.Find(id);
        var error = shard?.Check() ?? ErrorCode.NotCoordinator;
        if (error != ErrorCode.None)
            return new() { GroupId = id, ErrorCode = error };
        var described = DescribeGroups.Describe(shard!.Committed, id, context.Version);
        if (described.ErrorCode == ErrorCode.None)
        {
            described.AuthorizedOperations =
                AuthorizedOperations.If(request.IncludeAuthorizedOperations, AuthorizedOperations.OfGroup);
        }

        return described;
    }
}
