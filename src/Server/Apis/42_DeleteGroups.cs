using Barnabas.Groups;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Deletes groups without members, and their offsets (KIP-229).</summary>
public sealed class DeleteGroupsApi(Broker broker) : IApiHandler<DeleteGroupsRequest, DeleteGroupsResponse>
{
    /// <inheritdoc/>
    public Pending<DeleteGroupsResponse> Handle(RequestContext context, DeleteGroupsRequest request) =>
        Pending<DeleteGroupsResponse>.InOrder(AnswerAsync(request));

    private async Task<DeleteGroupsResponse?> AnswerAsync(DeleteGroupsRequest request)
    {
        var response = new DeleteGroupsResponse();
        var ids = request.GroupsNames.Distinct(StringComparer.Ordinal).ToList();
        var outcomes = ids.ConvertAll(id => broker.Groups.CommandAsync(
            id, (state, _) => DeleteGroups.Decide(state, id), error => error));
        for (var i = 0; i < ids.Count; i++)
            response.Results.Add(new() { GroupId = ids[i], ErrorCode = await outcomes[i] });
        return response;
    }
}
