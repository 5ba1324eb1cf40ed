using Barnabas.Base;
using Barnabas.Wire.Messages;

namespace Barnabas.Server.Apis;

/// <summary>Says which broker coordinates a group, a transaction or a share partition (KIP-98, KIP-699,
/// KIP-932).</summary>
/// <remarks>No coordinator runs here yet: every key is answered with COORDINATOR_NOT_AVAILABLE, on which clients ask
/// again.</remarks>
public sealed class FindCoordinatorApi : IApiHandler<FindCoordinatorRequest, FindCoordinatorResponse>
{
    private const int FirstBatchedVersion = 4;
    private const int FirstShareVersion = 6;
    private const sbyte Share = 2;

    /// <inheritdoc/>
    public Pending<FindCoordinatorResponse> Handle(RequestContext context, FindCoordinatorRequest request)
    {
        var isKnown = request.KeyType is 0 or 1 || (request.KeyType == Share && context.Version >= FirstShareVersion);
        var error = isKnown ? ErrorCode.CoordinatorNotAvailable : ErrorCode.InvalidRequest;
        if (context.Version < FirstBatchedVersion)
        {
            return new FindCoordinatorResponse
            {
                ErrorCode = error,
                ErrorMessage = error.Meaning(),
                NodeId = BrokerId.None,
                Port = -1,
            };
        }

        var response = new FindCoordinatorResponse();
        foreach (var key in request.CoordinatorKeys)
        {
            response.Coordinators.Add(new()
            {
                Key = key,
                ErrorCode = error,
                ErrorMessage = error.Meaning(),
                NodeId = BrokerId.None,
                Port = -1,
            });
        }

        return response;
    }
}
