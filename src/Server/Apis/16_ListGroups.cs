using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Lists the groups this broker coordinates (KIP-518, KIP-848).</summary>
public sealed class ListGroupsApi(Broker broker) : IApiHandler<ListGroupsRequest, ListGroupsResponse>
{
    private const string Classic = "classic";
    private const string Empty = "Empty";

    /// <inheritdoc/>
    public Pending<ListGroupsResponse> Handle(RequestContext context, ListGroupsRequest request)
    {
        var response = new ListGroupsResponse();
        foreach (var shard in broker.Groups.Shards)
        {
            if (shard.Check() == ErrorCode.CoordinatorLoadInProgress)
                return new ListGroupsResponse { ErrorCode = ErrorCode.CoordinatorLoadInProgress };
            if (shard.Check() != ErrorCode.None)
                continue;
            foreach (var (id, group) in shard.Committed.Groups)
            {
                var listed = new ListGroupsResponse.ListedGroup
                {
                    GroupId = id,
                    ProtocolType = group.Membership?.ProtocolType ?? "",
                    GroupState = group.Membership?.StateName ?? Empty,
                    GroupType = group.Membership?.GroupType ?? Classic,
                };
                if (Wants(request.StatesFilter, listed.GroupState) && Wants(request.TypesFilter, listed.GroupType))
                    response.Groups.Add(listed);
            }
        }

        return response;
    }

    private static bool Wants(List<string> filter, string name) =>
        filter.Count == 0 || filter.Contains(name, StringComparer.OrdinalIgnoreCase);
}
