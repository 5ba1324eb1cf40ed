using Barnabas.Base;
using Barnabas.Groups.Classic;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Takes members out of a classic group (KIP-345, KIP-800).</summary>
public sealed class LeaveGroupApi(Broker broker) : IApiHandler<LeaveGroupRequest, LeaveGroupResponse>
{
    private const int FirstVersionWithSeveral = 3;

    /// <inheritdoc/>
    public Pending<LeaveGroupResponse> Handle(RequestContext context, LeaveGroupRequest request) =>
        Pending<LeaveGroupResponse>.InOrder(AnswerAsync(context, request));

    private async Task<LeaveGroupResponse?> AnswerAsync(RequestContext context, LeaveGroupRequest request)
    {
        var isSingle = context.Version < FirstVersionWithSeveral;
        List<LeaveGroupRequest.MemberIdentity> members =
            isSingle ? [new() { MemberId = request.MemberId }] : request.Members;
        var answer = await broker.Groups.CommandAsync(
            request.GroupId,
            (state, rules) => LeaveGroup.Decide(state, request.GroupId, members, rules),
            error => new LeaveGroupResponse { ErrorCode = error });
        if (!isSingle)
            return answer;
        return new LeaveGroupResponse
        {
            ErrorCode = answer.ErrorCode != ErrorCode.None ? answer.ErrorCode : answer.Members[0].ErrorCode,
        };
    }
}
